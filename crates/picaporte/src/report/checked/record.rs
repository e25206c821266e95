//! Answers as one JSON document: `{"check":{…},"rules":[…],"exceptions":[…],…,"end":{…}}`, each rule on a line of its own. Fields
//! are added, never renamed. It holds every host and port.

use std::collections::BTreeMap;

use picaporte_check::{Answer, Contradiction, Counts, Excepted, Finding, Gap, Ruled, Which, Wrong};
use picaporte_diff::{HostId, Snapshot};
use serde::Serialize;

use super::super::changes::record::Scan;
use super::hint::hint;
use super::{Checked, encode, listening, words};
use crate::report::Lang;

/// The version of these objects' meaning.
const SCHEMA: u32 = 1;

pub(super) fn write(checked: &Checked<'_>, out: &mut Vec<u8>) {
    out.extend(b"{\"check\":");
    encode::json(&Begin::new(checked), out);
    let rules = checked.answers.rules.iter();
    list("rules", rules.map(|rule| Rule::new(rule, checked)), out);
    let exceptions = checked.answers.exceptions.iter();
    list(
        "exceptions",
        exceptions.map(|e| Exception::new(e, checked)),
        out,
    );
    let contradictions = checked.answers.contradictions.iter();
    list(
        "contradictions",
        contradictions.map(|c| Against::new(c, checked)),
        out,
    );
    let warnings = checked.warnings();
    list("warnings", warnings.iter().map(Warning::new), out);
    out.extend(b",\n\"end\":");
    encode::json(&End::new(checked), out);
    out.extend(b"}\n");
}

/// A field of objects, each on a line.
fn list(name: &str, objects: impl Iterator<Item = impl Serialize>, out: &mut Vec<u8>) {
    out.extend(format!(",\n\"{name}\":[").as_bytes());
    let mut before = "\n";
    for object in objects {
        out.extend(before.as_bytes());
        encode::json(&object, out);
        before = ",\n";
    }
    if before != "\n" {
        out.push(b'\n');
    }
    out.push(b']');
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "check")]
struct Begin<'a> {
    schema: u32,
    version: &'a str,
    policy: Policy<'a>,
    scan: Scan<'a>,
    /// The day that exceptions were held against.
    date: String,
}

#[derive(Serialize)]
struct Policy<'a> {
    file: &'a str,
    sha256: &'a str,
    title: Option<&'a str>,
    owner: Option<&'a str>,
    otherwise: &'static str,
    must_not_filtered: &'static str,
}

impl<'a> Begin<'a> {
    fn new(checked: &Checked<'a>) -> Self {
        let policy = checked.policy;
        Self {
            schema: SCHEMA,
            version: checked.version,
            policy: Policy {
                file: checked.file,
                sha256: checked.sha256,
                title: policy.title.as_deref(),
                owner: policy.owner.as_deref(),
                otherwise: policy.otherwise.demand().name(),
                must_not_filtered: policy.filtered.name(),
            },
            scan: Scan::new(&checked.side()),
            date: checked.answers.today.to_string(),
        }
    }
}

/// Ports by answer.
type Numbers = BTreeMap<&'static str, u64>;

#[derive(Serialize)]
#[serde(tag = "type", rename = "rule")]
struct Rule<'a> {
    name: &'a str,
    reason: &'a str,
    line: usize,
    column: usize,
    answer: &'static str,
    /// Hosts of the scan that it is about.
    hosts: u64,
    ports: Numbers,
    findings: Vec<Found<'a>>,
    /// What listens and is not what is wanted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    listening: Vec<listening::Record<'a>>,
    not_scanned: NotScanned<'a>,
}

impl<'a> Rule<'a> {
    fn new(rule: &'a Ruled<'a>, checked: &Checked<'a>) -> Self {
        let place = words::place(checked, rule.which);
        let of = |answer: Answer| (answer.name(), rule.ports.of(answer));
        let excepted = ("excepted", rule.ports.excepted);
        let ports = Answer::ALL.into_iter().map(of);
        Self {
            name: words::name(checked, rule.which),
            reason: words::reason(Lang::En, checked, rule.which),
            line: place.line,
            column: place.column,
            answer: rule.answer.name(),
            hosts: rule.hosts,
            ports: ports.chain([excepted]).collect(),
            findings: rule
                .findings
                .iter()
                .map(|f| Found::new(f, rule.which, checked))
                .collect(),
            listening: (rule.listening.iter())
                .map(|l| listening::Record::new(l, checked))
                .collect(),
            not_scanned: NotScanned::new(&rule.gaps),
        }
    }
}

#[derive(Serialize)]
struct Found<'a> {
    answer: &'static str,
    demand: &'static str,
    /// What the scan says of these ports.
    state: &'static str,
    count: u32,
    ports: String,
    line: usize,
    column: usize,
    hosts: Vec<Host<'a>>,
}

impl<'a> Found<'a> {
    fn new(finding: &'a Finding<'a>, which: Which, checked: &Checked<'a>) -> Self {
        let place = words::place_of(checked, which, finding.demand);
        Self {
            answer: finding.answer.name(),
            demand: finding.demand.name(),
            state: finding.said.name(),
            count: finding.ports.len(),
            ports: finding.ports.to_string(),
            line: place.line,
            column: place.column,
            hosts: finding
                .hosts
                .iter()
                .map(|id| Host::new(id, checked.scan))
                .collect(),
        }
    }
}

#[derive(Serialize)]
pub(super) struct Host<'a> {
    ip: Option<String>,
    name: Option<&'a str>,
}

impl<'a> Host<'a> {
    pub(super) fn new(id: &'a HostId, scan: &'a Snapshot) -> Self {
        match id {
            HostId::Name(name) => Self {
                ip: None,
                name: Some(&**name),
            },
            HostId::Address(..) => Self {
                ip: Some(id.to_string()),
                name: scan
                    .host(id)
                    .and_then(|host| host.names.first())
                    .map(|name| &**name),
            },
        }
    }
}

/// What a rule is about and the scan does not speak of.
#[derive(Default, Serialize)]
struct NotScanned<'a> {
    /// How many addresses, as text, because there may be more than a number holds.
    addresses: String,
    /// The first of them.
    ranges: &'a [String],
    names: &'a [String],
    /// Whether the scan leaves out what it does not name.
    unnamed: bool,
}

impl<'a> NotScanned<'a> {
    fn new(gaps: &'a [Gap]) -> Self {
        let mut all = Self {
            addresses: "0".to_owned(),
            ..Self::default()
        };
        for gap in gaps {
            match gap {
                Gap::Addresses { count, first, .. } => {
                    all.addresses = count.to_string();
                    all.ranges = &first[..];
                }
                Gap::Names(names) => all.names = &names[..],
                Gap::Unnamed => all.unnamed = true,
            }
        }
        all
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "exception")]
struct Exception<'a> {
    name: &'a str,
    reason: &'a str,
    by: &'a str,
    until: String,
    /// `null` is every rule.
    rule: Option<&'a str>,
    ports: String,
    line: usize,
    column: usize,
    expired: bool,
    /// Ports that are violated, or would be, and that it is about.
    violated: u64,
    /// Ports of which the same can't be told.
    cannot_tell: u64,
    /// Not all of its hosts are in the scan.
    hosts_missing: bool,
}

impl<'a> Exception<'a> {
    fn new(excepted: &Excepted, checked: &Checked<'a>) -> Self {
        let exception = &checked.policy.exceptions[excepted.exception];
        Self {
            name: &exception.name,
            reason: &exception.reason,
            by: &exception.by,
            until: exception.until.to_string(),
            rule: exception.of.map(|which| words::name(checked, which)),
            ports: exception.ports.to_string(),
            line: exception.place.line,
            column: exception.place.column,
            expired: excepted.expired,
            violated: excepted.violated,
            cannot_tell: excepted.cannot_tell,
            hosts_missing: excepted.hosts_missing,
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "contradiction")]
struct Against<'a> {
    lets: &'a str,
    forbids: &'a str,
    host: Host<'a>,
    ports: String,
}

impl<'a> Against<'a> {
    fn new(c: &Contradiction<'a>, checked: &Checked<'a>) -> Self {
        Self {
            lets: words::name(checked, Which::Rule(c.lets)),
            forbids: words::name(checked, Which::Rule(c.forbids)),
            host: Host::new(c.host, checked.scan),
            ports: c.ports.to_string(),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "warning")]
struct Warning {
    line: usize,
    column: usize,
    /// In English, as everything that programs read.
    says: String,
}

impl Warning {
    fn new(wrong: &Wrong) -> Self {
        Self {
            line: wrong.line,
            column: wrong.column,
            says: wrong.what.to_string(),
        }
    }
}

#[derive(Serialize)]
#[serde(tag = "type", rename = "end")]
struct End {
    answer: &'static str,
    rules: Numbers,
    says: &'static str,
    /// How to learn what can't be told, where that is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    hint: Option<&'static str>,
}

impl End {
    fn new(checked: &Checked<'_>) -> Self {
        let answer = checked.answers.answer();
        let counts: Counts = checked.answers.counts();
        let of = |answer: Answer| (answer.name(), counts.of(answer));
        Self {
            answer: answer.name(),
            rules: Answer::ALL.into_iter().map(of).collect(),
            says: words::judgement(Lang::En, answer),
            hint: hint(Lang::En, checked),
        }
    }
}
