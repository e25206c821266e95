//! The four forms, of a small policy and scan that hold every case; and the policy to start from.

use jiff::civil::date;
use picaporte_check::{Answer, check};
use picaporte_core::PortSet;
use picaporte_core::target::NoLookup;
use picaporte_diff::{Builder, Format, HostId, Limits, Note, Said, Wanted, read};
use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::report::Lang;

mod listening;

const POLICY: &str = r#"title = "Example Corp"
owner = "Jane Doe"
otherwise = "must_not"
[groups]
web = ["192.0.2.7", "www.example.org"]
[[rule]]
name = "web"
reason = "the public site, which customers and partners reach from everywhere in the world"
hosts = ["@web"]
must = "80,443"
may = "22"
[[rule]]
name = "telnet"
reason = "it is read on the way"
hosts = ["192.0.2.0/28", "192.0.2.0/29"]
must_not = "23"
[[rule]]
name = "mail"
reason = "customers write to us"
hosts = ["mail.example.org"]
must = "25"
[[exception]]
name = "old switch"
reason = "to be replaced"
by = "Jane Doe, letter of 2026-01-12"
until = 2026-12-31
rule = "telnet"
hosts = ["192.0.2.3"]
ports = "23"
[[exception]]
name = "older switch"
reason = "was to be replaced"
by = "Jane Doe"
until = 2026-10-31
hosts = ["192.0.2.4"]
ports = "23"
"#;

const SCAN: &str = r#"{"type":"scan","schema":1,"id":"01SCAN","version":"0.1.0","started":"2026-11-01T06:00:00.000Z"}
{"type":"host","ip":"192.0.2.3","name":null,"ports":{"open":"23","closed":"80","filtered":"","untested":""}}
{"type":"host","ip":"192.0.2.4","name":null,"ports":{"open":"23","closed":"80","filtered":"","untested":""}}
{"type":"host","ip":"192.0.2.5","name":null,"ports":{"open":"23,3306","closed":"80","filtered":"","untested":""}}
{"type":"host","ip":"192.0.2.6","name":null,"ports":{"open":"23,3306","closed":"80","filtered":"","untested":""}}
{"type":"host","ip":"192.0.2.7","name":"www.example.org","ports":{"open":"22,443","closed":"80","filtered":"23","untested":"8080"}}
{"type":"end","untested":1,"complete":false}
"#;

fn told(policy: &str, scan: &str, format: CheckFormat) -> String {
    told_in(Style::default(), policy, scan, format)
}

fn told_in(style: Style, policy: &str, scan: &str, format: CheckFormat) -> String {
    let policy = Policy::parse(policy.as_bytes(), &NoLookup).unwrap();
    let scan = read(scan.as_bytes(), Wanted::default(), &Limits::default()).unwrap();
    let answers = check(&policy, &scan, date(2026, 11, 28));
    let mut out = Vec::new();
    let all = Checked {
        version: "0.1.0",
        file: "net/policy.toml",
        sha256: "00ff",
        policy: &policy,
        scan_file: "scan.jsonl",
        scan: &scan,
        answers: &answers,
    };
    check_report(&all, format, style, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_person_reads_it_in_80_columns() {
    let table = told(POLICY, SCAN, CheckFormat::Table);
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    insta::assert_snapshot!(table);
}

#[test]
fn a_person_reads_it_in_spanish() {
    let style = Style {
        lang: Lang::Es,
        ..Style::default()
    };
    let table = told_in(style, POLICY, SCAN, CheckFormat::Table);
    assert!(
        table.lines().all(|line| line.chars().count() <= 80),
        "{table}"
    );
    insta::assert_snapshot!(table);
    for format in [CheckFormat::Json, CheckFormat::JUnit, CheckFormat::Sarif] {
        assert_eq!(
            told_in(style, POLICY, SCAN, format),
            told(POLICY, SCAN, format)
        );
    }
}

#[test]
fn a_program_reads_it() {
    let json = told(POLICY, SCAN, CheckFormat::Json);
    let value: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["end"]["answer"], "violated");
    insta::assert_snapshot!(json);
}

#[test]
fn a_ci_server_reads_it() {
    insta::assert_snapshot!(told(POLICY, SCAN, CheckFormat::JUnit));
}

#[test]
fn a_code_host_reads_it() {
    let sarif: Value = serde_json::from_str(&told(POLICY, SCAN, CheckFormat::Sarif)).unwrap();
    insta::assert_snapshot!(serde_json::to_string_pretty(&sarif).unwrap());
}

#[test]
fn a_policy_that_holds_is_short() {
    let policy = "otherwise = 'must_not'\n[[rule]]\nname = 'a'\nreason = 'r'\nhosts = ['192.0.2.7']\nmust = '22'\n";
    let scan = r#"{"type":"scan","schema":1}
{"type":"host","ip":"192.0.2.7","ports":{"open":"22","closed":"80","filtered":"","untested":""}}
{"type":"end","untested":0,"complete":true}"#;
    insta::assert_snapshot!(told(policy, scan, CheckFormat::Table));
}

#[test]
fn a_person_is_not_told_more_than_anybody_reads() {
    let host = |n: usize| {
        format!(
            r#"{{"type":"host","ip":"192.0.2.{n}","ports":{{"open":"{}","closed":"","filtered":"","untested":""}}}}"#,
            n + 1
        )
    };
    let told = |hosts: usize| {
        let lines: Vec<_> = (0..hosts).map(host).collect();
        let table = told(
            "otherwise = 'must_not'\n",
            &lines.join("\n"),
            CheckFormat::Table,
        );
        let findings = table
            .lines()
            .filter(|line| line.contains("- port "))
            .count();
        (
            findings,
            table.contains("… and 2 more like these; --format json has them all"),
        )
    };
    // What is told beside is that such a scan has no end.
    assert_eq!((told(23), told(25)), ((23, false), (24, true)));
}

/// How many tests a suite has, and the names of those that did not pass, read by another reader than the writer's.
fn junit(document: &str) -> (usize, Vec<(String, String)>) {
    let tree = roxmltree::Document::parse(document).expect("well-formed XML");
    let root = tree.root_element();
    assert_eq!(root.tag_name().name(), "testsuites");
    let suites: Vec<_> = root
        .children()
        .filter(roxmltree::Node::is_element)
        .collect();
    let [suite] = suites[..] else {
        panic!("{document}")
    };
    let cases: Vec<_> = suite
        .children()
        .filter(|node| node.has_tag_name("testcase"))
        .collect();
    let number = |name: &str| suite.attribute(name).unwrap().parse::<usize>().unwrap();
    let of = |kind: &str| {
        let children = cases.iter().flat_map(roxmltree::Node::children);
        children.filter(|node| node.has_tag_name(kind)).count()
    };
    assert_eq!(
        (number("failures"), number("errors")),
        (of("failure"), of("error"))
    );
    assert_eq!(number("tests"), cases.len());
    let mut failed = Vec::new();
    for case in &cases {
        assert!(case.attribute("classname").is_some());
        let not = case
            .children()
            .find(|node| ["failure", "error"].contains(&node.tag_name().name()));
        let name = case.attribute("name").expect("a name").to_owned();
        failed.extend(not.map(|node| (name, node.tag_name().name().to_owned())));
    }
    (cases.len(), failed)
}

#[test]
fn a_test_of_junit_fails_as_its_rule_does() {
    let (tests, failed) = junit(&told(POLICY, SCAN, CheckFormat::JUnit));
    let failed: Vec<_> = failed
        .iter()
        .map(|(name, kind)| format!("{name}: {kind}"))
        .collect();
    assert_eq!(
        (tests, failed.join(", ").as_str()),
        (
            4,
            "web: failure, telnet: failure, mail: error, otherwise: failure"
        )
    );
}

/// What the schema of SARIF 2.1.0 requires, and what it says of values.
fn sarif(document: &str) -> usize {
    let log: Value = serde_json::from_str(document).unwrap();
    assert_eq!(log["version"], "2.1.0");
    assert!(
        log["$schema"]
            .as_str()
            .unwrap()
            .ends_with("sarif-schema-2.1.0.json")
    );
    let run = &log["runs"][0];
    let driver = &run["tool"]["driver"];
    assert!(driver["name"].is_string());
    let rules = driver["rules"].as_array().unwrap();
    let message = |value: &Value| assert!(!value["text"].as_str().unwrap().is_empty());
    let location = |value: &Value| {
        let physical = &value["physicalLocation"];
        assert!(
            physical["artifactLocation"]["uri"]
                .as_str()
                .unwrap()
                .is_ascii()
        );
        for key in ["startLine", "startColumn"] {
            assert!(physical["region"][key].as_u64().unwrap() >= 1);
        }
    };
    for rule in rules {
        assert!(rule["id"].is_string());
        message(&rule["shortDescription"]);
        message(&rule["fullDescription"]);
    }
    for invocation in run["invocations"].as_array().unwrap() {
        assert!(invocation["executionSuccessful"].is_boolean());
        for notification in invocation["toolConfigurationNotifications"]
            .as_array()
            .unwrap()
        {
            message(&notification["message"]);
            notification["locations"]
                .as_array()
                .unwrap()
                .iter()
                .for_each(location);
        }
    }
    assert_eq!(run["columnKind"], "unicodeCodePoints");
    let results = run["results"].as_array().unwrap();
    for result in results {
        message(&result["message"]);
        location(&result["locations"][0]);
        let at = result["ruleIndex"].as_u64().unwrap() as usize;
        assert_eq!(result["ruleId"], rules[at]["id"]);
        let kind_and_level = (
            result["kind"].as_str().unwrap(),
            result["level"].as_str().unwrap(),
        );
        assert!([("fail", "error"), ("open", "none")].contains(&kind_and_level));
    }
    results.len()
}

#[test]
fn results_of_sarif_point_to_what_does_not_hold() {
    let document = told(POLICY, SCAN, CheckFormat::Sarif);
    assert_eq!(sarif(&document), 6, "{document}");
    let log: Value = serde_json::from_str(&document).unwrap();
    let region = &log["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    let line = POLICY
        .lines()
        .nth(region["startLine"].as_u64().unwrap() as usize - 1);
    let column = region["startColumn"].as_u64().unwrap() as usize - 1;
    assert_eq!(line.map(|line| &line[column..]), Some("\"80,443\""));
}

/// Any text, with more of what does harm than chance would give.
fn hostile() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        proptest::sample::select(vec![
            "\u{1b}[2J",
            "\u{202e}",
            "\n",
            "\r",
            "]]>",
            "<!--",
            "&amp;",
            "</failure>",
            "\"",
            "'",
            "[a](http://b)",
            "{0}",
            "\\",
            "\u{fffe}",
            "\u{ffff}",
            "\u{0}",
            "\u{85}",
            "\u{2028}",
        ])
        .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 1..8).prop_map(|pieces| format!("x{}", pieces.concat()))
}

proptest! {
    #[test]
    fn no_sink_is_steered_by_a_policy_or_a_scan(name in hostile(), reason in hostile(), host in hostile()) {
        let policy = format!(
            "title = {}\notherwise = \"must_not\"\n[[rule]]\nname = {}\nreason = {}\nhosts = [\"192.0.2.7\"]\nmust = \"22\"\n\
             [[exception]]\nname = {}\nreason = {}\nby = {}\nuntil = 2026-01-01\nhosts = [\"192.0.2.7\"]\nports = \"22\"\n",
            encode::toml(&reason), encode::toml(&name), encode::toml(&reason), encode::toml(&name), encode::toml(&reason), encode::toml(&name)
        );
        let line = serde_json::json!({"type": "host", "ip": "192.0.2.7", "name": host, "ports": {"open": "23", "closed": "22", "filtered": "", "untested": ""}});
        for format in [CheckFormat::Table, CheckFormat::Json, CheckFormat::JUnit, CheckFormat::Sarif] {
            let text = told(&policy, &line.to_string(), format);
            let unseen = |c: char| c != '\n' && encode::is_unseen(c);
            prop_assert!(!text.contains(unseen), "{:?} {:?}", format, text);
            match format {
                CheckFormat::JUnit => {
                    let (tests, failed) = junit(&text);
                    prop_assert_eq!((tests, failed.len()), (2, 2));
                    prop_assert_eq!(&failed[0].0, &encode::xml(name.trim()));
                }
                CheckFormat::Sarif => {
                    prop_assert!(sarif(&text) >= 2);
                }
                CheckFormat::Json => {
                    let value: Value = serde_json::from_str(&text).unwrap();
                    prop_assert_eq!(value["rules"][0]["name"].as_str(), Some(name.trim()));
                }
                CheckFormat::Table => {}
            }
        }
    }
}

fn started(scan: &Snapshot) -> String {
    started_in(Lang::En, scan)
}

fn started_in(lang: Lang, scan: &Snapshot) -> String {
    let mut out = Vec::new();
    starting_policy(scan, "scan.jsonl", lang, &mut out);
    String::from_utf8(out).unwrap()
}

#[test]
fn a_policy_to_start_from_describes_a_scan() {
    let scan = read(SCAN.as_bytes(), Wanted::default(), &Limits::default()).unwrap();
    insta::assert_snapshot!(started(&scan));
    let spanish = started_in(Lang::Es, &scan);
    insta::assert_snapshot!("a_policy_to_start_from_in_spanish", spanish);
    assert!(Policy::parse(spanish.as_bytes(), &NoLookup).is_ok());
}

#[test]
fn a_zone_that_no_policy_can_name_is_left_out_and_said_to_be() {
    let mut builder = Builder::new(Format::Json, "x", &Limits::default());
    let id = HostId::parse("fe80::1%a\"\n/b").unwrap();
    builder.say(&id, Said::Open, 22, 22).unwrap();
    let text = started(&builder.finish().unwrap());
    assert!(
        text.ends_with("\n# Left out, because no policy can name it: fe80::1%a\"\\u{a}/b\n"),
        "{text}"
    );
    assert!(Policy::parse(text.as_bytes(), &NoLookup).is_ok());
}

fn scans() -> impl Strategy<Value = Snapshot> {
    let address = prop_oneof![
        4 => (0_u8..12).prop_map(|n| format!("192.0.2.{n}")),
        2 => (0_u8..4).prop_map(|n| format!("2001:db8::{n}")),
        2 => ("[a-c0-9._-]{1,3}", 0_u8..2).prop_map(|(zone, n)| format!("fe80::{n}%{zone}")),
        1 => Just("a.test".to_owned()),
    ];
    let said = (0_usize..6, 1_u16..12, 0_u16..4)
        .prop_map(|(said, first, more)| (Said::ALL[said], first, first + more));
    let host = (address, proptest::collection::vec(said, 0..5));
    proptest::collection::vec(host, 0..10).prop_map(|hosts| {
        let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
        for (text, said) in hosts {
            let id = HostId::parse(&text).unwrap_or_else(|| HostId::Name(text.as_str().into()));
            builder.mention(&id).unwrap();
            for (said, first, last) in said {
                // A name without an address was never asked.
                let said = if id.ip().is_none() {
                    Said::Untested
                } else {
                    said
                };
                builder.say(&id, said, first, last).unwrap();
            }
        }
        builder.finish().unwrap()
    })
}

proptest! {
    #[test]
    fn the_policy_of_a_scan_holds_for_it(scan in scans()) {
        let text = started(&scan);
        let policy = Policy::parse(text.as_bytes(), &NoLookup);
        let policy = policy.map_err(|wrong| TestCaseError::fail(format!("{wrong}\n{text}")))?;
        prop_assert_eq!(&policy.warnings, &[]);
        let answers = check(&policy, &scan, date(2026, 1, 1));
        // What was not tested can't be told, and nothing else.
        let known = |said: Said| scan.hosts().all(|(_, host)| *host.of(said) == PortSet::empty());
        let all = known(Said::Untested) && known(Said::Undecided);
        let expected = if all { Answer::Holds } else { Answer::CannotTell };
        prop_assert!(!scan.about.notes.iter().any(|note| matches!(note, Note::Cut(_))));
        prop_assert_eq!(answers.answer(), expected, "{}", text);
        for rule in &answers.rules[..policy.rules.len()] {
            prop_assert_eq!(rule.answer, Answer::Holds, "{}", text);
        }
    }
}
