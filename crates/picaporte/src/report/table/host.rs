//! One host of the table: who it is, how its ports are counted, and what else is to be said of it.

use std::fmt::Write as _;

use picaporte_core::policy::Policy;
use picaporte_core::scan::HostReport;
use picaporte_core::{Address, Icmp, PortSet};

use super::super::{Header, Style, encode, reverse};
use super::paint::Paint;
use super::rows::{self, Row};
use super::text::{JOINED, joined, wrap};
use super::words;
use crate::report::Lang;
use crate::words::nouns::PORT;

/// Up to how many ranges of ports a line has; JSON has them all.
const RANGES: usize = 12;

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

/// The same for lines that are wrapped: none ends in the middle of `icmp 3/13`.
pub(super) fn rejection(header: &Header, lang: Lang, icmp: &Icmp) -> String {
    icmp_error(header, lang, icmp).replacen(' ', &JOINED.to_string(), 1)
}

/// What else is to be said of a host: who rejected how many of its ports, what is done by default and which ports differ,
/// and whether it had to be asked more slowly.
pub(super) fn notes(header: &Header, lang: Lang, host: &HostReport) -> Vec<String> {
    let rejects = host.rejects.iter().map(|(icmp, ports)| {
        let ports = lang.count((*ports).into(), PORT);
        format!("{}: {ports}", rejection(header, lang, icmp))
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
        .map(|name| joined(&encode::terminal(name)))
        .collect();
    let reverse: Vec<_> = (header.reverse(address).iter())
        .map(|name| joined(&reverse::in_text(name)))
        .collect();
    let reverse = (!reverse.is_empty()).then(|| format!("PTR{JOINED}{}", reverse.join(", ")));
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
    rows::write(header, style, rows, out);
    out.push('\n');
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
