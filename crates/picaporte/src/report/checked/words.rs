//! Answers in plain words, still to be encoded for their sink. Every sentence about what holds and what does not stands here.

use std::fmt::Write as _;

use jiff::civil::Date;
use picaporte_check::{
    Answer, Contradiction, Demand, Excepted, Exception, Finding, Gap, Otherwise, Place, Ruled,
    Which,
};
use picaporte_diff::{HostId, Said, Snapshot};

use super::super::changes::joined;
use super::super::changes::words as changes;
use super::super::table::text::{counted, number};
use super::Checked;

/// Up to how many names of a host are told; JSON has more.
const NAMES: usize = 4;
/// Up to how many names that a scan does not know are told.
const UNKNOWN: usize = 6;
/// What holds where there is no rule, as reports call it.
pub(super) const OTHERWISE: &str = "otherwise";

pub(super) const fn answer(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "holds",
        Answer::CannotTell => "can't tell",
        Answer::Violated => "violated",
    }
}

/// `1 holds`, `2 hold`.
pub(super) fn many(n: u64, is: Answer) -> String {
    let is = match (is, n) {
        (Answer::Holds, 2..) => "hold",
        _ => answer(is),
    };
    format!("{} {is}", number(n))
}

const fn demand(demand: Demand) -> &'static str {
    match demand {
        Demand::Must => "must be open",
        Demand::May => "may be open",
        Demand::MustNot => "must not be open",
    }
}

const fn otherwise(otherwise: Otherwise) -> &'static str {
    match otherwise {
        Otherwise::May => "what no rule speaks of may be open",
        Otherwise::MustNot => "what no rule speaks of must not be open",
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
pub(super) fn reason<'a>(checked: &Checked<'a>, which: Which) -> &'a str {
    match which {
        Which::Rule(at) => &checked.policy.rules[at].reason,
        Which::Otherwise => otherwise(checked.policy.otherwise),
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
pub(super) fn finding(finding: &Finding<'_>, scan: &Snapshot) -> String {
    let past = matches!(finding.said, Said::Untested | Said::Absent);
    let (s, is) = match (finding.ports.len(), past) {
        (1, false) => ("", "is"),
        (1, true) => ("", "was"),
        (_, false) => ("s", "are"),
        (_, true) => ("s", "were"),
    };
    format!(
        "port{s} {} {}, and {is} {} on {}",
        joined::ports(&finding.ports),
        demand(finding.demand),
        changes::said(finding.said),
        hosts(&finding.hosts, scan)
    )
}

/// Who they are; one alone with its names.
fn hosts(hosts: &[&HostId], scan: &Snapshot) -> String {
    let mut text = joined::hosts(hosts);
    if let [id] = hosts {
        let names = scan.host(id).map_or(&[][..], |host| &host.names[..]);
        if !names.is_empty() {
            let told: Vec<&str> = names.iter().take(NAMES).map(|name| &**name).collect();
            let more = if names.len() > NAMES { ", …" } else { "" };
            let _ = write!(text, " ({}{more})", told.join(", "));
        }
    }
    text
}

pub(super) fn gap(gap: &Gap) -> String {
    match gap {
        Gap::Addresses { count, first, more } => {
            let more = if *more { ", …" } else { "" };
            let many = match u64::try_from(*count) {
                Ok(1) => "1 address is".to_owned(),
                Ok(count) => format!("{} addresses are", number(count)),
                Err(_) => "more addresses than anybody counts are".to_owned(),
            };
            format!("{many} not in the scan: {}{more}", first.join(", "))
        }
        Gap::Names(names) => {
            let told = names.iter().take(UNKNOWN).cloned().collect::<Vec<_>>();
            let more = match names.len().saturating_sub(UNKNOWN) {
                0 => String::new(),
                more => format!(" and {}", counted(more as u64, "more name")),
            };
            format!("the scan knows no host called {}{more}", told.join(", "))
        }
        Gap::Unnamed => "the scan leaves out hosts or ports that it does not name, so that not everything was seen".to_owned(),
    }
}

/// Everything that does not hold of a rule, and what can't be told of it.
pub(super) fn lines(rule: &Ruled<'_>, scan: &Snapshot) -> Vec<(Answer, String)> {
    let findings = rule.findings.iter().map(|f| (f.answer, finding(f, scan)));
    let gaps = rule.gaps.iter().map(|g| (Answer::CannotTell, gap(g)));
    findings.chain(gaps).collect()
}

/// `12 ports of 3 hosts, 1 port excepted`: how much it was held against.
pub(super) fn extent(rule: &Ruled<'_>) -> String {
    let ports: u64 = Answer::ALL
        .into_iter()
        .map(|answer| rule.ports.of(answer))
        .sum();
    let excepted = rule.ports.excepted;
    let mut text = format!(
        "{} of {}",
        counted(ports + excepted, "port"),
        counted(rule.hosts, "host")
    );
    if excepted > 0 {
        let _ = write!(text, ", {} excepted", number(excepted));
    }
    text
}

/// `2 ports violated, 1 port that can't be told`.
fn amount(excepted: &Excepted) -> String {
    let parts = [
        (excepted.violated, "violated"),
        (excepted.cannot_tell, "that can't be told"),
    ];
    let parts = parts.into_iter().filter(|(ports, _)| *ports > 0);
    let parts = parts.map(|(ports, are)| format!("{} {are}", counted(ports, "port")));
    parts.collect::<Vec<_>>().join(", ")
}

/// What became of an exception.
pub(super) fn exception(exception: &Exception, excepted: &Excepted, today: Date) -> String {
    let became = match (excepted.expired, excepted.ports()) {
        (false, 0) if excepted.hosts_missing => {
            "whether it is needed can't be told: not all of its hosts are in the scan".to_owned()
        }
        (true, 0) if excepted.hosts_missing => {
            "it counts no more; whether it is needed can't be told: not all of its hosts are in the scan".to_owned()
        }
        (false, 0) => "it is not needed: all that it is about holds".to_owned(),
        (false, _) => format!("not held against it: {}", amount(excepted)),
        (true, 0) => "it counts no more, and is not needed: all that it is about holds".to_owned(),
        (true, _) => format!("it counts no more: {}", amount(excepted)),
    };
    let until = match exception.until.since(today).map(|span| span.get_days()) {
        _ if excepted.expired => format!("ended on {}", exception.until),
        Ok(0) => format!("until {}, today", exception.until),
        Ok(days) => format!(
            "until {} ({} left)",
            exception.until,
            counted(days.unsigned_abs().into(), "day")
        ),
        Err(_) => format!("until {}", exception.until),
    };
    format!("{until}, by {}: {became}", exception.by)
}

pub(super) fn contradiction(c: &Contradiction<'_>, checked: &Checked<'_>) -> String {
    let rule = |at: usize| {
        let rule = &checked.policy.rules[at];
        format!("'{}' (line {})", rule.name, rule.place.line)
    };
    format!(
        "the rules {} and {} contradict each other on {}, which this scan knows by a name: the first lets {} be open, the second forbids it; both were held against the scan",
        rule(c.lets),
        rule(c.forbids),
        hosts(&[c.host], checked.scan),
        joined::ports(&c.ports)
    )
}

/// What it comes to.
pub(super) const fn judgement(answer: Answer) -> &'static str {
    match answer {
        Answer::Holds => "The policy holds.",
        Answer::CannotTell => {
            "Nothing is known to violate the policy, but not everything can be told."
        }
        Answer::Violated => "The policy is violated.",
    }
}
