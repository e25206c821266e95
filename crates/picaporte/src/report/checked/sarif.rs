//! Answers as SARIF 2.1.0 (OASIS Standard, 27 March 2020), as code hosts read it. Results point to the demand in the policy that
//! does not hold; what should be mended in the policy itself is a notification about the tool's configuration.
//!
//! The few objects that are needed are written out here: a crate that has all of them makes them from the schema while it is built,
//! with a second Rust parser.

use picaporte_check::{Answer, Gap, Place, Ruled, Seen, Which};
use serde::Serialize;

use super::hint::hint;
use super::words::Manner;
use super::{Checked, encode, listening, words};
use crate::report::Lang;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

pub(super) fn write(checked: &Checked<'_>, out: &mut Vec<u8>) {
    let log = Log {
        schema: SCHEMA,
        version: "2.1.0",
        runs: [run(checked)],
    };
    encode::json(&log, out);
    out.push(b'\n');
}

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Tool<'a>,
    invocations: [Invocation; 1],
    /// As columns of the policy are counted.
    column_kind: &'static str,
    results: Vec<Found>,
    properties: About<'a>,
}

#[derive(Serialize)]
struct Tool<'a> {
    driver: Driver<'a>,
}

#[derive(Serialize)]
struct Driver<'a> {
    name: &'static str,
    version: &'a str,
    rules: Vec<Rule>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    short_description: Message,
    full_description: Message,
}

#[derive(Serialize)]
struct Message {
    text: String,
}

impl Message {
    fn new(text: &str) -> Self {
        Self {
            text: encode::sarif(text),
        }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: bool,
    tool_configuration_notifications: Vec<Notification>,
}

#[derive(Serialize)]
struct Notification {
    level: &'static str,
    message: Message,
    locations: Vec<Location>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Found {
    rule_id: String,
    rule_index: usize,
    /// `fail`, or `open` where the scan does not tell (section 3.27.9).
    kind: &'static str,
    /// Anything but a failure has none (section 3.27.10).
    level: &'static str,
    message: Message,
    locations: [Location; 1],
    partial_fingerprints: Fingerprint,
}

/// The same for the same demand of the same rule, whichever hosts do not hold it.
#[derive(Serialize)]
struct Fingerprint {
    #[serde(rename = "picaporteDemand/v1")]
    demand: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location {
    physical_location: Physical,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Physical {
    artifact_location: Artifact,
    region: Region,
}

#[derive(Serialize)]
struct Artifact {
    uri: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: usize,
    start_column: usize,
}

impl Location {
    fn new(checked: &Checked<'_>, place: Place) -> Self {
        Self {
            physical_location: Physical {
                artifact_location: Artifact {
                    uri: encode::uri(checked.file),
                },
                region: Region {
                    start_line: place.line,
                    start_column: place.column,
                },
            },
        }
    }
}

/// Which policy and which scan.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct About<'a> {
    answer: &'static str,
    date: String,
    policy_sha256: &'a str,
    scan_file: &'a str,
    scan_id: Option<&'a str>,
}

fn run<'a>(checked: &Checked<'a>) -> Run<'a> {
    let answers = checked.answers;
    let rules = answers
        .rules
        .iter()
        .map(|rule| rule_of(checked, rule.which));
    let results = answers.rules.iter().enumerate();
    Run {
        tool: Tool {
            driver: Driver {
                name: "Picaporte",
                version: checked.version,
                rules: rules.collect(),
            },
        },
        invocations: [Invocation {
            execution_successful: true,
            tool_configuration_notifications: notifications(checked),
        }],
        column_kind: "unicodeCodePoints",
        results: results
            .flat_map(|(at, rule)| found(checked, at, rule))
            .collect(),
        properties: About {
            answer: answers.answer().name(),
            date: answers.today.to_string(),
            policy_sha256: checked.sha256,
            scan_file: checked.scan_file,
            scan_id: checked.scan.about.id.as_deref(),
        },
    }
}

/// Names are for people too, and are shown as they are.
fn id(checked: &Checked<'_>, which: Which) -> String {
    encode::terminal(words::name(checked, which)).into_owned()
}

fn rule_of(checked: &Checked<'_>, which: Which) -> Rule {
    Rule {
        id: id(checked, which),
        short_description: Message::new(words::name(checked, which)),
        full_description: Message::new(words::reason(Lang::En, checked, which)),
    }
}

/// Whatever does not hold of a rule.
fn found(checked: &Checked<'_>, at: usize, rule: &Ruled<'_>) -> Vec<Found> {
    let one = |answer: Answer, what: &str, says: &str, place: Place| {
        let (kind, level) = match answer {
            Answer::Violated => ("fail", "error"),
            Answer::CannotTell => ("open", "none"),
            Answer::Holds => ("pass", "none"),
        };
        let rule_id = id(checked, rule.which);
        Found {
            kind,
            level,
            message: Message::new(&format!("{}: {says}", words::answer(Lang::En, answer, 1))),
            locations: [Location::new(checked, place)],
            partial_fingerprints: Fingerprint {
                demand: format!("{rule_id}/{what}"),
            },
            rule_id,
            rule_index: at,
        }
    };
    let findings = rule.findings.iter().map(|f| {
        let what = format!("{}/{}/{}", f.demand.name(), f.said.name(), f.ports);
        let place = words::place_of(checked, rule.which, f.demand);
        one(
            f.answer,
            &what,
            &words::finding(Manner::PLAIN, f, checked.scan),
            place,
        )
    });
    let gaps = rule.gaps.iter().map(|gap| {
        let place = words::place(checked, rule.which);
        one(
            Answer::CannotTell,
            kind(gap),
            &words::gap(Manner::PLAIN, gap),
            place,
        )
    });
    let heard = rule.listening.iter().map(|heard| {
        let key = listening::key(&heard.want.wanted);
        let (answer, ports) = (heard.answer.name(), &heard.ports);
        // Two answers of one kind are two findings.
        let told = match (&heard.seen, heard.hosts.first()) {
            // It is the same finding tomorrow, with a day less.
            (Seen::Left(_), Some(host)) => host.to_string().into(),
            (seen, _) => listening::told(seen).unwrap_or_default(),
        };
        let what = format!("{key}/{answer}/{ports}/{told}");
        let says = listening::listening(Manner::PLAIN, heard, checked);
        one(heard.answer, &what, &says, heard.want.place)
    });
    findings.chain(heard).chain(gaps).collect()
}

/// What is missing in a scan, for a fingerprint.
const fn kind(gap: &Gap) -> &'static str {
    match gap {
        Gap::Addresses { .. } => "addresses",
        Gap::Names(_) => "names",
        Gap::Unnamed => "unnamed",
    }
}

fn notifications(checked: &Checked<'_>) -> Vec<Notification> {
    let warnings = checked.warnings().into_iter().map(|wrong| {
        let place = (wrong.line > 0).then_some(Place {
            line: wrong.line,
            column: wrong.column,
        });
        (wrong.what.to_string(), place)
    });
    let contradictions = checked.answers.contradictions.iter().map(|c| {
        let place = words::place(checked, Which::Rule(c.forbids));
        (words::contradiction(Manner::PLAIN, c, checked), Some(place))
    });
    let hint = hint(Lang::En, checked).map(|hint| (hint.to_owned(), None));
    let all = warnings
        .chain(contradictions)
        .chain(hint)
        .map(|(says, place)| Notification {
            level: "warning",
            message: Message::new(&says),
            locations: place
                .map(|place| Location::new(checked, place))
                .into_iter()
                .collect(),
        });
    all.collect()
}
