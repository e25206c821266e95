//! One host of the table: who it is, how its ports are counted, and a line for each listed port.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Close, Duration, Grade, Icmp, PortSet, Reason, State, Verdict};

use super::super::{Header, Style, encode, reverse};
use super::paint::Paint;
use super::text::{JOINED, columns, wrap};
use super::words;
use crate::report::Lang;
use crate::services;
use crate::words::nouns::{ATTEMPT, PORT, RETRANSMIT};

/// Up to how many ranges of ports a line has; JSON has them all.
const RANGES: usize = 12;

/// What is kept of a listed port until its host is done.
pub(super) struct Row {
    pub(super) port: u16,
    reason: Reason,
    attempts: u8,
    retransmits: u8,
    rtt_micros: Option<u64>,
    icmp: Option<Box<Icmp>>,
    neighbour: bool,
    reset: bool,
    grade: Option<Grade>,
    ambiguous: bool,
}

impl Row {
    pub(super) fn new(verdict: &Verdict) -> Self {
        let evidence = verdict.evidence;
        Self {
            port: verdict.port,
            reason: verdict.reason,
            attempts: verdict.attempts,
            retransmits: evidence.retransmits,
            rtt_micros: verdict.rtt.map(Duration::as_micros),
            icmp: evidence.icmp.map(Box::new),
            neighbour: evidence.neighbour,
            reset: evidence.close == Some(Close::Reset),
            grade: evidence.grade,
            ambiguous: evidence.ambiguous,
        }
    }

    pub(super) fn state(&self) -> State {
        self.reason.state()
    }

    fn round_trip(&self, lang: Lang) -> String {
        let rtt = self.rtt_micros;
        rtt.map_or("-".to_owned(), |micros| lang.round_trip(micros))
    }

    /// The reason and what proves it: `admin-prohibited, icmp 3/13 from 192.0.2.1`.
    fn why(&self, header: &Header, lang: Lang) -> String {
        let mut why = self.reason.name().to_owned();
        if let Some(icmp) = &self.icmp {
            let _ = write!(why, ", {}", icmp_error(header, lang, icmp));
        }
        if self.neighbour {
            why.push_str(lang.either(", no neighbour", ", sin vecino"));
        }
        if self.ambiguous {
            why.push_str(lang.either(
                " or port-unreach, which this system does not tell",
                " o port-unreach: este sistema no los distingue",
            ));
        }
        if self.reset {
            why.push_str(lang.either(", reset after the handshake", ", reset tras el saludo"));
        }
        if self.reason.state() == State::Open
            && let Some(doubt) = words::doubt(lang, self.grade)
        {
            let _ = write!(why, ", {doubt}");
        }
        if self.attempts > 1 {
            let _ = write!(why, ", {}", lang.count(self.attempts.into(), ATTEMPT));
        }
        if self.retransmits > 0 {
            let _ = write!(why, ", {}", lang.count(self.retransmits.into(), RETRANSMIT));
        }
        why
    }
}

/// `icmp 3/13`, `icmpv6 1/1`.
pub(in crate::report) fn icmp_number(icmp: &Icmp) -> String {
    let protocol = if icmp.v6 { "icmpv6" } else { "icmp" };
    format!("{protocol} {}/{}", icmp.kind, icmp.code)
}

/// `icmp 3/13 from 192.0.2.1`.
pub(in crate::report) fn icmp_error(header: &Header, lang: Lang, icmp: &Icmp) -> String {
    let error = icmp_number(icmp);
    match icmp.from {
        None => error,
        Some(from) => say!(
            lang,
            "{error} from {from}",
            "{error} de {from}",
            error = error,
            from = named(header, from)
        ),
    }
}

/// What else is to be said of a host: who rejected how many of its ports, what is done by default and which ports differ,
/// and whether it had to be asked more slowly.
pub(super) fn notes(header: &Header, lang: Lang, host: &HostReport) -> Vec<String> {
    let rejects = host.rejects.iter().map(|(icmp, ports)| {
        let ports = lang.count((*ports).into(), PORT);
        format!("{}: {ports}", icmp_error(header, lang, icmp))
    });
    let rejects: Vec<_> = rejects.collect();
    let rejects = (!rejects.is_empty()).then(|| {
        let by = rejects.join(", ");
        say!(lang, "rejected by {by}", "rechazos por {by}", by = by)
    });
    let slowed = host.slowed.map(|slowed| words::slowed(lang, slowed));
    let open = u64::from(host.open.len());
    let everything = (host.answers_everything).then(|| words::answers_everything(lang, open));
    everything
        .into_iter()
        .chain(rejects)
        .chain(policy(lang, host))
        .chain(slowed)
        .collect()
}

/// `by default silent, except for open ports and 113`. That closed ports answer with a RST is ordinary, and not said.
pub(in crate::report) fn policy(lang: Lang, host: &HostReport) -> Option<String> {
    let default = host.default_policy()?;
    let others = default.differ.minus(&host.open);
    if default.policy == Policy::Reset && others.is_empty() {
        return None;
    }
    let policy = lang.policy(default.policy);
    let mut text = say!(
        lang,
        "by default {policy}",
        "por defecto, {policy}",
        policy = policy
    );
    if default.rationed {
        text.push_str(lang.either(
            " (ICMP is rationed: silence may be a rejection that was not sent)",
            " (limita los ICMP: el silencio puede ser un rechazo que no se envió)",
        ));
    }
    if !others.is_empty() {
        text.push_str(&say!(
            lang,
            ", except for open ports and {others}",
            ", salvo los puertos abiertos y {others}",
            others = ports(lang, &others)
        ));
    }
    Some(text)
}

/// The ports, in lines that can be broken; no more than a few.
fn ports(lang: Lang, set: &PortSet) -> String {
    let ranges = set.ranges().iter().take(RANGES);
    let ranges = ranges.map(|&(first, last)| PortSet::from_ranges(vec![(first, last)]).to_string());
    let text = ranges.collect::<Vec<_>>().join(", ");
    let told: u32 = set
        .ranges()
        .iter()
        .take(RANGES)
        .map(|(first, last)| u32::from(last - first) + 1)
        .sum();
    words::and_more(lang, text, (set.len() - told).into())
}

/// The address with its zone, encoded for a terminal.
pub(super) fn named(header: &Header, address: Address) -> String {
    encode::terminal(&header.named(address).to_string()).into_owned()
}

/// `192.0.2.7 (www.example.org, example.org; PTR host7.example.net)`, encoded for a terminal.
pub(super) fn title(header: &Header, address: Address) -> String {
    let mut title = named(header, address);
    let names: Vec<_> = (header.names(address).iter())
        .map(|name| encode::terminal(name))
        .collect();
    let reverse: Vec<_> = (header.reverse(address).iter())
        .map(|name| reverse::in_text(name).replace(' ', &JOINED.to_string()))
        .collect();
    let reverse = (!reverse.is_empty()).then(|| format!("PTR {}", reverse.join(", ")));
    let names = (!names.is_empty()).then(|| names.join(", "));
    let all: Vec<_> = names.into_iter().chain(reverse).collect();
    if !all.is_empty() {
        let _ = write!(title, " ({})", all.join("; "));
    }
    title
}

/// Writes a host with its listed ports, which it sorts, and an empty line.
pub(super) fn write(
    header: &Header,
    style: Style,
    title: &str,
    summary: &str,
    notes: &[String],
    rows: &mut [Row],
    out: &mut String,
) {
    let paint = Paint { color: style.color };
    let width = usize::from(style.width);
    for line in wrap(title, 0, 2, width).lines() {
        let _ = writeln!(out, "{}", paint.title(line));
    }
    for line in std::iter::once(summary).chain(notes.iter().map(String::as_str)) {
        let _ = writeln!(out, "  {}", wrap(line, 2, 4, width));
    }
    rows.sort_unstable_by_key(|row| row.port);
    write_rows(header, style, rows, out);
    out.push('\n');
}

fn write_rows(header: &Header, style: Style, rows: &[Row], out: &mut String) {
    if rows.is_empty() {
        return;
    }
    let paint = Paint { color: style.color };
    let lang = style.lang;
    let service = |row: &Row| services::name(row.port).unwrap_or("-");
    let [port, state, name, rtt, reason] = words::heads(lang);
    let widest = |title: &str, size: &dyn Fn(&Row) -> usize| {
        rows.iter().map(size).max().unwrap_or(0).max(columns(title))
    };
    let states = widest(state, &|row| columns(lang.state(row.state())));
    let names = widest(name, &|row| columns(service(row)));
    let rtts = widest(rtt, &|row| columns(&row.round_trip(lang)));
    let heads = format!("{port:>7}  {state:<states$}  {name:<names$}  {rtt:>rtts$}  {reason}");
    let _ = writeln!(out, "{}", paint.heads(&heads));
    let at = columns(&heads) - columns(reason);
    for row in rows {
        let state = row.state();
        let shown = paint.state(state, &format!("{:<states$}", lang.state(state)));
        let why = wrap(&row.why(header, lang), at, at, usize::from(style.width));
        let _ = writeln!(
            out,
            "{:>7}  {shown}  {:<names$}  {:>rtts$}  {why}",
            row.port,
            service(row),
            row.round_trip(lang)
        );
    }
}

/// What is said of a host whose account never came.
pub(super) fn unfinished(lang: Lang, rows: &[Row]) -> String {
    let listed = rows.len() as u64;
    say!(
        lang,
        "not finished; {n} {listed} so far",
        "sin terminar; {n} {listed} hasta ahora",
        n = lang.number(listed),
        listed = lang.agree(listed, ["listed", "listed"], ["listado", "listados"])
    )
}
