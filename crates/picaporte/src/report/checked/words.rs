//! Answers in plain words. Every sentence about what holds and what does not stands here. Text of policies and scans is put into
//! them as [`Manner`] says.

use std::fmt::Write as _;

use jiff::civil::Date;
use picaporte_check::{
    Answer, Contradiction, Demand, Excepted, Exception, Finding, Gap, Otherwise, Place, Ruled,
    Which,
};
use picaporte_diff::{HostId, Said, Snapshot};

use super::super::changes::joined;
use super::super::changes::words as changes;
use super::super::encode;
use super::Checked;
use super::listening::listening;
use crate::report::Lang;
use crate::words::nouns::{DAY, MORE_NAMES, PORT};

/// Up to how many names of a host are told; JSON has more.
const NAMES: usize = 4;
/// Up to how many names that a scan does not know are told.
const UNKNOWN: usize = 6;
/// What holds where there is no rule, as reports call it.
pub(super) const OTHERWISE: &str = "otherwise";

/// How sentences are told.
#[derive(Clone, Copy)]
pub(super) struct Manner {
    /// In which language.
    pub(super) lang: Lang,
    /// What text of policies and scans becomes in them.
    seen: fn(&str) -> String,
}

impl Manner {
    /// For programs: in English, each text as it is; the whole is still to be encoded for its sink.
    pub(super) const PLAIN: Self = Self {
        lang: Lang::En,
        seen: str::to_owned,
    };

    /// For a terminal, which gets them as they are.
    pub(super) fn terminal(lang: Lang) -> Self {
        Self {
            lang,
            seen: |text| encode::terminal(text).into_owned(),
        }
    }

    /// A text of a policy or a scan.
    pub(super) fn seen(self, text: &str) -> String {
        (self.seen)(text)
    }
}

pub(super) const fn answer(lang: Lang, answer: Answer, n: u64) -> &'static str {
    match answer {
        Answer::Holds => lang.agree(n, ["holds", "hold"], ["cumple", "cumplen"]),
        Answer::CannotTell => lang.agree(n, ["can't tell"; 2], ["no consta", "no constan"]),
        Answer::Violated => lang.agree(n, ["violated"; 2], ["incumple", "incumplen"]),
    }
}

/// `1 holds`, `2 hold`.
pub(super) fn many(lang: Lang, n: u64, is: Answer) -> String {
    format!("{} {}", lang.number(n), answer(lang, is, n))
}

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

const fn otherwise(lang: Lang, otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::May => lang.either(
            "what no rule speaks of may be open",
            "lo que ninguna regla menciona puede estar abierto",
        ),
        Otherwise::MustNot => lang.either(
            "what no rule speaks of must not be open",
            "lo que ninguna regla menciona no debe estar abierto",
        ),
    }
}

/// What a rule is called.
pub(super) fn name<'a>(checked: &Checked<'a>, which: Which) -> &'a str {
    match which {
        Which::Rule(at) => &checked.policy.rules[at].name,
        Which::Otherwise => OTHERWISE,
    }
}

/// Why it is there.
pub(super) fn reason<'a>(lang: Lang, checked: &Checked<'a>, which: Which) -> &'a str {
    match which {
        Which::Rule(at) => &checked.policy.rules[at].reason,
        Which::Otherwise => otherwise(lang, checked.policy.otherwise),
    }
}

/// Where it begins.
pub(super) fn place(checked: &Checked<'_>, which: Which) -> Place {
    match which {
        Which::Rule(at) => checked.policy.rules[at].place,
        Which::Otherwise => checked.policy.otherwise_place,
    }
}

/// Where it asks this.
pub(super) fn place_of(checked: &Checked<'_>, which: Which, demand: Demand) -> Place {
    let asks = match which {
        Which::Rule(at) => &checked.policy.rules[at].asks[..],
        Which::Otherwise => &[],
    };
    let ask = asks.iter().find(|ask| ask.demand == demand);
    ask.map_or_else(|| place(checked, which), |ask| ask.place)
}

/// `policy.toml:12:1`.
pub(super) fn at(checked: &Checked<'_>, place: Place) -> String {
    format!("{}:{}:{}", checked.file, place.line, place.column)
}

/// `port 443 must be open, and is closed on 192.0.2.7 (www.example.org)`.
pub(super) fn finding(manner: Manner, finding: &Finding<'_>, scan: &Snapshot) -> String {
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
pub(super) fn hosts(manner: Manner, hosts: &[&HostId], scan: &Snapshot) -> String {
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

pub(super) fn gap(manner: Manner, gap: &Gap) -> String {
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
pub(super) fn lines(
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
pub(super) fn extent(lang: Lang, rule: &Ruled<'_>) -> String {
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

/// `2 excepted`.
pub(super) fn excepted(lang: Lang, n: u64) -> String {
    let word = lang.agree(n, ["excepted"; 2], ["exceptuado", "exceptuados"]);
    format!("{} {word}", lang.number(n))
}

/// `2 ports violated, 1 port that can't be told`.
fn amount(lang: Lang, excepted: &Excepted) -> String {
    let parts = [
        (
            excepted.violated,
            ["violated"; 2],
            ["incumple", "incumplen"],
        ),
        (
            excepted.cannot_tell,
            ["that can't be told"; 2],
            ["del que no consta", "de los que no consta"],
        ),
    ];
    let parts = parts.into_iter().filter(|(ports, ..)| *ports > 0);
    let parts =
        parts.map(|(n, en, es)| format!("{} {}", lang.count(n, PORT), lang.agree(n, en, es)));
    parts.collect::<Vec<_>>().join(", ")
}

/// What became of an exception.
pub(super) fn exception(
    manner: Manner,
    exception: &Exception,
    excepted: &Excepted,
    today: Date,
) -> String {
    let lang = manner.lang;
    say!(
        lang,
        "{until}, by {by}: {became}",
        "{until}, por {by}: {became}",
        until = until(lang, exception, excepted, today),
        by = manner.seen(&exception.by),
        became = became(lang, excepted)
    )
}

fn became(lang: Lang, excepted: &Excepted) -> String {
    let counts_no_more = lang.either("it counts no more", "ya no cuenta");
    match (excepted.expired, excepted.ports()) {
        (expired, 0) if excepted.hosts_missing => {
            let says = lang.either(
                "whether it is needed can't be told: not all of its hosts are in the scan",
                "no se puede saber si hace falta: no todos sus equipos están en el escaneo",
            );
            if expired {
                format!("{counts_no_more}; {says}")
            } else {
                says.to_owned()
            }
        }
        (false, 0) => lang
            .either(
                "it is not needed: all that it is about holds",
                "no hace falta: todo lo que abarca se cumple",
            )
            .to_owned(),
        (true, 0) => lang
            .either(
                "it counts no more, and is not needed: all that it is about holds",
                "ya no cuenta, y no hace falta: todo lo que abarca se cumple",
            )
            .to_owned(),
        (false, _) => say!(
            lang,
            "not held against it: {amount}",
            "no se tiene en cuenta: {amount}",
            amount = amount(lang, excepted)
        ),
        (true, _) => format!("{counts_no_more}: {}", amount(lang, excepted)),
    }
}

fn until(lang: Lang, exception: &Exception, excepted: &Excepted, today: Date) -> String {
    let end = exception.until;
    match end.since(today).map(|span| span.get_days()) {
        _ if excepted.expired => say!(lang, "ended on {end}", "terminó el {end}", end = end),
        Ok(0) => say!(lang, "until {end}, today", "hasta el {end}, hoy", end = end),
        Ok(days) => say!(
            lang,
            "until {end} ({left})",
            "hasta el {end} ({left})",
            end = end,
            left = left(lang, days.unsigned_abs().into())
        ),
        Err(_) => say!(lang, "until {end}", "hasta el {end}", end = end),
    }
}

fn left(lang: Lang, days: u64) -> String {
    say!(
        lang,
        "{days} {left}",
        "{left} {days}",
        days = lang.count(days, DAY),
        left = lang.agree(days, ["left"; 2], ["queda", "quedan"])
    )
}

pub(super) fn contradiction(
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

/// What it comes to.
pub(super) const fn judgement(lang: Lang, answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => lang.either("The policy holds.", "La política se cumple."),
        Answer::CannotTell => lang.either(
            "Nothing is known to violate the policy, but not everything can be told.",
            "No consta que nada incumpla la política, pero no todo se puede saber.",
        ),
        Answer::Violated => lang.either("The policy is violated.", "La política se incumple."),
    }
}
