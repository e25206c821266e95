//! One host of the table: who it is, how its ports are counted, and a line for each listed port.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Close, Duration, Grade, Icmp, PortSet, Reason, State, Verdict};

use super::super::{Header, Style, encode, reverse};
use super::text::{JOINED, columns, counted, number, round_trip, wrap};
use super::words::{self, Paint};
use crate::services;

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

    fn round_trip(&self) -> String {
        self.rtt_micros.map_or("-".to_owned(), round_trip)
    }

    /// The reason and what proves it: `admin-prohibited, icmp 3/13 from 192.0.2.1`.
    fn why(&self, header: &Header) -> String {
        let mut why = self.reason.name().to_owned();
        if let Some(icmp) = &self.icmp {
            let _ = write!(why, ", {}", icmp_error(header, icmp));
        }
        if self.neighbour {
            why.push_str(", no neighbour");
        }
        if self.ambiguous {
            why.push_str(" or port-unreach, which this system does not tell");
        }
        if self.reset {
            why.push_str(", reset after the handshake");
        }
        if self.reason.state() == State::Open
            && let Some(doubt) = words::doubt(self.grade)
        {
            let _ = write!(why, ", {doubt}");
        }
        if self.attempts > 1 {
            let _ = write!(why, ", {} attempts", self.attempts);
        }
        match self.retransmits {
            0 => {}
            1 => why.push_str(", 1 retransmit"),
            n => {
                let _ = write!(why, ", {n} retransmits");
            }
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
pub(in crate::report) fn icmp_error(header: &Header, icmp: &Icmp) -> String {
    let mut text = icmp_number(icmp);
    if let Some(from) = icmp.from {
        let _ = write!(text, " from {}", named(header, from));
    }
    text
}

/// What else is to be said of a host: who rejected how many of its ports, what is done by default and which ports differ,
/// and whether it had to be asked more slowly.
pub(super) fn notes(header: &Header, host: &HostReport) -> Vec<String> {
    let rejects = host.rejects.iter().map(|(icmp, ports)| {
        let ports = counted((*ports).into(), "port");
        format!("{}: {ports}", icmp_error(header, icmp))
    });
    let rejects: Vec<_> = rejects.collect();
    let rejects = (!rejects.is_empty()).then(|| format!("rejected by {}", rejects.join(", ")));
    let slowed = host.slowed.map(words::slowed);
    let open = u64::from(host.open.len());
    let everything = (host.answers_everything).then(|| words::answers_everything(open));
    everything
        .into_iter()
        .chain(rejects)
        .chain(policy(host))
        .chain(slowed)
        .collect()
}

/// `by default silent, except for open ports and 113`. That closed ports answer with a RST is ordinary, and not said.
pub(in crate::report) fn policy(host: &HostReport) -> Option<String> {
    let default = host.default_policy()?;
    let others = default.differ.minus(&host.open);
    if default.policy == Policy::Reset && others.is_empty() {
        return None;
    }
    let mut text = format!("by default {}", words::policy(default.policy));
    if default.rationed {
        text.push_str(" (ICMP is rationed: silence may be a rejection that was not sent)");
    }
    if !others.is_empty() {
        let _ = write!(text, ", except for open ports and {}", ports(&others));
    }
    Some(text)
}

/// The ports, in lines that can be broken; no more than a few.
fn ports(set: &PortSet) -> String {
    let ranges = set.ranges().iter().take(RANGES);
    let ranges = ranges.map(|&(first, last)| PortSet::from_ranges(vec![(first, last)]).to_string());
    let mut text = ranges.collect::<Vec<_>>().join(", ");
    let told: u32 = set
        .ranges()
        .iter()
        .take(RANGES)
        .map(|(first, last)| u32::from(last - first) + 1)
        .sum();
    if told < set.len() {
        let _ = write!(text, " and {} more", number((set.len() - told).into()));
    }
    text
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
    let service = |row: &Row| services::name(row.port).unwrap_or("-");
    let widest = |title: &str, size: &dyn Fn(&Row) -> usize| {
        rows.iter().map(size).max().unwrap_or(0).max(columns(title))
    };
    let states = widest("STATE", &|row| row.reason.state().name().len());
    let names = widest("SERVICE", &|row| columns(service(row)));
    let rtts = widest("RTT", &|row| row.round_trip().len());
    let heads = format!(
        "{:>7}  {:<states$}  {:<names$}  {:>rtts$}  REASON",
        "PORT", "STATE", "SERVICE", "RTT"
    );
    let _ = writeln!(out, "{}", paint.heads(&heads));
    let at = columns(&heads) - "REASON".len();
    for row in rows {
        let state = row.reason.state();
        let shown = paint.state(state, &format!("{:<states$}", state.name()));
        let why = wrap(&row.why(header), at, at, usize::from(style.width));
        let _ = writeln!(
            out,
            "{:>7}  {shown}  {:<names$}  {:>rtts$}  {why}",
            row.port,
            service(row),
            row.round_trip()
        );
    }
}

/// What is said of a host whose account never came.
pub(super) fn unfinished(rows: &[Row]) -> String {
    format!("not finished; {} listed so far", number(rows.len() as u64))
}
