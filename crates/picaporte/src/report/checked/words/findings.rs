//! What does not hold of a rule, and what can't be told of it.

use std::fmt::Write as _;

use picaporte_check::{Answer, Contradiction, Demand, Finding, Gap, Ruled};
use picaporte_diff::{HostId, Said, Snapshot};

use super::{Manner, excepted};
use crate::report::Lang;
use crate::report::changes::joined;
use crate::report::changes::words as changes;
use crate::report::checked::Checked;
use crate::report::checked::listening::listening;
use crate::words::nouns::{MORE_NAMES, PORT};

/// Up to how many names of a host are told; JSON has more.
const NAMES: usize = 4;

/// Up to how many names that a scan does not know are told.
const UNKNOWN: usize = 6;

const fn demand(lang: Lang, demand: Demand, n: u64) -> &'static str {
    match demand {
        Demand::Must => lang.agree(
            n,
            ["must be open"; 2],
            ["debe estar abierto", "deben estar abiertos"],
        ),
        Demand::May => lang.agree(
            n,
            ["may be open"; 2],
            ["puede estar abierto", "pueden estar abiertos"],
        ),
        Demand::MustNot => lang.agree(
            n,
            ["must not be open"; 2],
            ["no debe estar abierto", "no deben estar abiertos"],
        ),
    }
}

/// `port 443 must be open, and is closed on 192.0.2.7 (www.example.org)`.
pub(in crate::report::checked) fn finding(
    manner: Manner,
    finding: &Finding<'_>,
    scan: &Snapshot,
) -> String {
    let lang = manner.lang;
    let n = finding.ports.len().into();
    let past = matches!(finding.said, Said::Untested | Said::Absent);
    say!(
        lang,
        "{port} {ports} {demand}, and {is} {said} on {hosts}",
        "{port} {ports} {demand}, y {is} {said} en {hosts}",
        port = lang.word(n, PORT),
        ports = joined::ports(lang, &finding.ports),
        demand = demand(lang, finding.demand, n),
        is = if past {
            lang.agree(n, ["was", "were"], ["quedó", "quedaron"])
        } else {
            lang.agree(n, ["is", "are"], ["está", "están"])
        },
        said = changes::said(lang, finding.said, n),
        hosts = hosts(manner, &finding.hosts, scan)
    )
}

/// Who they are; one alone with its names.
pub(in crate::report::checked) fn hosts(
    manner: Manner,
    hosts: &[&HostId],
    scan: &Snapshot,
) -> String {
    let [id] = hosts else {
        return joined::hosts(manner.lang, hosts, manner.seen);
    };
    let mut text = joined::hosts(manner.lang, hosts, manner.seen);
    let names = scan.host(id).map_or(&[][..], |host| &host.names[..]);
    if !names.is_empty() {
        let told = names.iter().take(NAMES).map(|name| manner.seen(name));
        let told: Vec<String> = told.collect();
        let more = if names.len() > NAMES { ", …" } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(text, " ({}{more})", told.join(", "));
    }
    text
}

pub(in crate::report::checked) fn gap(manner: Manner, gap: &Gap) -> String {
    let lang = manner.lang;
    match gap {
        Gap::Addresses { count, first, more } => say!(
            lang,
            "{count} not in the scan: {first}{more}",
            "{count} en el escaneo: {first}{more}",
            count = missing(lang, u64::try_from(*count).ok()),
            first = first
                .iter()
                .map(|one| manner.seen(one))
                .collect::<Vec<_>>()
                .join(", "),
            more = if *more { ", …" } else { "" }
        ),
        Gap::Names(names) => {
            let told = names.iter().take(UNKNOWN).map(|name| manner.seen(name));
            let told = told.collect::<Vec<_>>().join(", ");
            let more = match names.len().saturating_sub(UNKNOWN) {
                0 => String::new(),
                more => say!(
                    lang,
                    " and {names}",
                    " y {names}",
                    names = lang.count(more as u64, MORE_NAMES)
                ),
            };
            say!(
                lang,
                "the scan knows no host called {told}{more}",
                "el escaneo no conoce ningún equipo llamado {told}{more}",
                told = told,
                more = more
            )
        }
        Gap::Unnamed => lang
            .either(
                "the scan leaves out hosts or ports that it does not name, so that not everything was seen",
                "el escaneo omite equipos o puertos que no nombra, de modo que no se vio todo",
            )
            .to_owned(),
    }
}

/// `1 address is`; `None` are more than can be counted.
fn missing(lang: Lang, count: Option<u64>) -> String {
    match count {
        Some(n) => say!(
            lang,
            "{n} {addresses}",
            "{n} {addresses}",
            n = lang.number(n),
            addresses = lang.agree(
                n,
                ["address is", "addresses are"],
                ["dirección no está", "direcciones no están"]
            )
        ),
        None => lang
            .either(
                "more addresses than anybody counts are",
                "más direcciones de las que nadie cuenta no están",
            )
            .to_owned(),
    }
}

/// Everything that does not hold of a rule, and what can't be told of it.
pub(in crate::report::checked) fn lines(
    manner: Manner,
    rule: &Ruled<'_>,
    checked: &Checked<'_>,
) -> Vec<(Answer, String)> {
    let findings = rule.findings.iter();
    let findings = findings.map(|f| (f.answer, finding(manner, f, checked.scan)));
    let gaps = rule.gaps.iter();
    let gaps = gaps.map(|g| (Answer::CannotTell, gap(manner, g)));
    let heard = rule.listening.iter();
    let heard = heard.map(|l| (l.answer, listening(manner, l, checked)));
    findings.chain(heard).chain(gaps).collect()
}

/// `12 ports of 3 hosts, 1 excepted`: how much it was held against.
pub(in crate::report::checked) fn extent(lang: Lang, rule: &Ruled<'_>) -> String {
    let ports: u64 = Answer::ALL
        .into_iter()
        .map(|answer| rule.ports.of(answer))
        .sum();
    let excepted = rule.ports.excepted;
    let mut text = changes::ports_of_hosts(lang, ports + excepted, rule.hosts);
    if excepted > 0 {
        text.push_str(", ");
        text.push_str(&self::excepted(lang, excepted));
    }
    text
}

pub(in crate::report::checked) fn contradiction(
    manner: Manner,
    c: &Contradiction<'_>,
    checked: &Checked<'_>,
) -> String {
    let lang = manner.lang;
    let rule = |at: usize| {
        let rule = &checked.policy.rules[at];
        say!(
            lang,
            "'{name}' (line {line})",
            "'{name}' (línea {line})",
            name = manner.seen(&rule.name),
            line = rule.place.line
        )
    };
    say!(
        lang,
        "the rules {lets} and {forbids} contradict each other on {host}, which this scan knows by a name: the first lets {ports} be open, the second forbids it; both were held against the scan",
        "las reglas {lets} y {forbids} se contradicen en {host}, que este escaneo conoce por un nombre: la primera permite que {ports} esté abierto, la segunda lo prohíbe; las dos se contrastaron con el escaneo",
        lets = rule(c.lets),
        forbids = rule(c.forbids),
        host = hosts(manner, &[c.host], checked.scan),
        ports = joined::ports(lang, &c.ports)
    )
}
