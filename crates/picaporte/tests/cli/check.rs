//! The command `check` on files: what it prints, how it ends, and what it refuses.

use serde_json::Value;

use crate::{
    file_with, must_mind_standard_output, must_refuse, path, picaporte, program, refuse, text,
};

const SCAN: &str = r#"{"type":"scan","schema":1,"id":"01J","version":"0.1.0","started":"2026-01-01T00:00:00.000Z"}
{"type":"host","ip":"192.0.2.7","name":"www.example.org","ports":{"open":"22,443","closed":"23","filtered":"25","untested":""}}
{"type":"end","untested":0,"complete":true}
"#;

const XML: &str = r#"<?xml version="1.0"?><nmaprun scanner="nmap" start="1767225600" version="7.93">
<scaninfo type="connect" protocol="tcp" services="22-23"/>
<host><status state="up" reason="syn-ack"/><address addr="192.0.2.7" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/></port>
<port protocol="tcp" portid="23"><state state="closed" reason="conn-refused"/></port></ports></host>
<runstats><finished exit="success"/><hosts up="1" down="0"/></runstats></nmaprun>
"#;

fn policy(rules: &[&str]) -> String {
    let rules = rules.iter().enumerate();
    let rules = rules.map(|(n, lines)| {
        format!("[[rule]]\nname = 'r{n}'\nreason = 'it is so'\nhosts = ['192.0.2.7']\n{lines}\n")
    });
    format!("otherwise = 'may'\n{}", rules.collect::<String>())
}

#[test]
fn the_exit_code_is_the_answer() {
    let scan = file_with(SCAN);
    for (rules, code, says) in [
        (
            &["must = 'ssh,443'", "must_not = '23,25'"][..],
            0,
            "The policy holds.",
        ),
        (
            &["must = '25'", "must = '23'"],
            1,
            "The policy is violated.",
        ),
        (&["must_not = '443'"], 1, "The policy is violated."),
        (
            &["must = '22'", "must = '25'"],
            3,
            "not everything can be told.",
        ),
        (&["must_not = '26'"], 3, "not everything can be told."),
    ] {
        let policy = file_with(policy(rules));
        let output = picaporte(&["check", path(policy.path()), path(scan.path())]);
        assert_eq!(
            output.status.code(),
            Some(code),
            "{rules:?}: {}",
            text(&output.stderr)
        );
        assert!(
            text(&output.stdout).contains(says),
            "{rules:?}: {}",
            text(&output.stdout)
        );
        assert_eq!(text(&output.stderr), "");
    }
}

#[test]
fn every_format_is_written() {
    let (scan, policy) = (file_with(SCAN), file_with(policy(&["must = '23'"])));
    let run = |format: &str| {
        let output = picaporte(&[
            "check",
            path(policy.path()),
            path(scan.path()),
            "--format",
            format,
        ]);
        (output.status.code(), text(&output.stdout).to_owned())
    };
    let (code, json) = run("json");
    let json: Value = serde_json::from_str(&json).expect("JSON");
    assert_eq!(
        (code, &json["end"]["answer"]),
        (Some(1), &Value::from("violated"))
    );
    assert_eq!(
        json["check"]["policy"]["sha256"].as_str().map(str::len),
        Some(64)
    );
    let (code, sarif) = run("sarif");
    let sarif: Value = serde_json::from_str(&sarif).expect("JSON");
    let region = &sarif["runs"][0]["results"][0]["locations"][0]["physicalLocation"]["region"];
    assert_eq!(
        (code, &region["startLine"], &region["startColumn"]),
        (Some(1), &Value::from(6), &Value::from(8))
    );
    let (code, junit) = run("junit");
    assert!(
        code == Some(1) && junit.starts_with("<?xml ") && junit.contains("<failure "),
        "{junit}"
    );
    let bad = picaporte(&[
        "check",
        path(policy.path()),
        path(scan.path()),
        "--format",
        "md",
    ]);
    must_refuse(&bad, &["--format", "'md'", "sarif"]);
}

#[test]
fn scans_of_nmap_and_standard_input_are_checked_too() {
    let policy = file_with(policy(&["must = '22'\nmust_not = '23'"]));
    let mut command = program(&["check", path(policy.path()), "-"]);
    let output = command.write_stdin(XML).output().expect("runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn an_exception_ends_with_its_day() {
    let scan = file_with(SCAN);
    let exception = "[[exception]]\nname = 'x'\nreason = 'r'\nby = 'Jane'\nuntil = 2026-06-30\nhosts = ['192.0.2.7']\nports = '22'\n";
    let policy = file_with(policy(&["must_not = '22'"]) + exception);
    let on = |day: &str| {
        picaporte(&[
            "check",
            path(policy.path()),
            path(scan.path()),
            "--date",
            day,
        ])
    };
    let last = on("2026-06-30");
    assert_eq!((last.status.code(), text(&last.stderr)), (Some(0), ""));
    let after = on("2026-07-01");
    assert_eq!(after.status.code(), Some(1));
    let says = text(&after.stderr);
    assert!(
        says.starts_with("warning: POLICY '")
            && says.contains("line 7, column 1: the exception 'x' ended on 2026-06-30"),
        "{says}"
    );
    assert!(
        text(&after.stdout).contains("expired"),
        "{}",
        text(&after.stdout)
    );
    must_refuse(&on("2026-02-30"), &["--date", "'2026-02-30'", "2026-12-31"]);
    must_refuse(&on("tomorrow"), &["--date", "'tomorrow'"]);
    must_refuse(&on("2026-06-30T12:00:00"), &["--date"]);
}

#[test]
fn a_policy_that_is_wrong_is_named_with_line_and_column() {
    let scan = file_with(SCAN);
    let bad = |content: &[u8], says: &[&str]| {
        let policy = file_with(content);
        let place = format!("POLICY '{}'", path(policy.path()));
        let output = refuse(&["check", path(policy.path()), path(scan.path())]);
        must_refuse(&output, &[&[place.as_str()], says].concat());
    };
    bad(b"", &["is empty", "--init"]);
    bad(
        b"otherwise = 'may'\n[[rules]]\n",
        &["line 2, column 3", "'rules'", "'rule'"],
    );
    bad(
        policy(&["must = '22'", "must_not = '1-100'"]).as_bytes(),
        &["line 11, column 12", "'r1'", "'r0' (line 6, column 8)"],
    );
    bad(b"otherwise = 'may'\n\xff", &["line 2, column 1", "UTF-8"]);
    bad(b"otherwise = \"\\u001b[2J\"\n", &["\\u{1b}[2J"]);
}

#[test]
fn bad_arguments_are_refused() {
    let (scan, good) = (file_with(SCAN), file_with(policy(&["must = '22'"])));
    let (scan, good) = (path(scan.path()), path(good.path()));
    must_refuse(&refuse(&["check"]), &["POLICY"]);
    must_refuse(&refuse(&["check", good]), &["SCAN", "missing"]);
    must_refuse(&refuse(&["check", "-", scan]), &["POLICY '-'", "name one"]);
    must_refuse(
        &refuse(&["check", "/no/such/policy", scan]),
        &["POLICY '/no/such/policy'", "can't be read"],
    );
    must_refuse(
        &refuse(&["check", "/", scan]),
        &["POLICY '/'", "no regular file"],
    );
    must_refuse(
        &refuse(&["check", good, "/no/such/scan"]),
        &["SCAN '/no/such/scan'", "is no file"],
    );
    must_refuse(
        &refuse(&["check", good, good]),
        &["SCAN '", "neither JSON nor XML"],
    );
    must_refuse(
        &refuse(&["check", good, scan, scan]),
        &["can't stand beside others", "name one scan"],
    );
    must_refuse(
        &refuse(&["check", good, "127.0.0.1", scan]),
        &["can't stand beside others"],
    );
    must_refuse(
        &refuse(&["check", good, scan, "--", "-p", "80"]),
        &["after --"],
    );
    must_refuse(
        &refuse(&["check", good, "127.0.0.1", "--", "--dry-run"]),
        &["--dry-run"],
    );
    must_refuse(
        &refuse(&["check", good, "127.0.0.1", "--", "--prots", "80"]),
        &["after --: unknown option --prots", "--ports"],
    );
    must_refuse(&refuse(&["check", "--init", scan, good]), &["--init"]);
    must_refuse(&refuse(&["check", "--init"]), &["--init", "value"]);
    must_refuse(
        &refuse(&["check", "--init", "/no/such/scan"]),
        &["SCAN '/no/such/scan'"],
    );
}

#[test]
fn a_policy_of_a_scan_holds_for_it() {
    let scan = file_with(SCAN);
    let begun = picaporte(&["check", "--init", path(scan.path())]);
    assert_eq!((begun.status.code(), text(&begun.stderr)), (Some(0), ""));
    let policy = file_with(&begun.stdout);
    let output = picaporte(&["check", path(policy.path()), path(scan.path())]);
    assert_eq!(
        (output.status.code(), text(&output.stderr)),
        (Some(0), ""),
        "{}",
        text(&output.stdout)
    );
    let opened = file_with(SCAN.replace("22,443", "22,80,443"));
    let output = picaporte(&["check", path(policy.path()), path(opened.path())]);
    assert_eq!(output.status.code(), Some(1), "{}", text(&output.stdout));
}

#[test]
fn a_scan_with_more_kinds_of_hosts_than_a_policy_has_rules_is_refused() {
    let host = |n: u32| {
        let (high, low) = (n / 250, n % 250);
        format!(
            "{{\"type\":\"host\",\"ip\":\"192.0.{high}.{low}\",\"ports\":{{\"open\":\"{}\",\"closed\":\"\",\"filtered\":\"\",\"untested\":\"\"}}}}\n",
            n + 1
        )
    };
    let scan = |n| file_with((0..n).map(host).collect::<String>());
    let (most, more) = (scan(1_024), scan(1_025));
    let begun = picaporte(&["check", "--init", path(most.path())]);
    assert_eq!(begun.status.code(), Some(0), "{}", text(&begun.stderr));
    must_refuse(
        &picaporte(&["check", "--init", path(more.path())]),
        &["--init '", "more than 1024 rules", "in parts"],
    );
}

#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    let (scan, policy) = (file_with(SCAN), file_with(policy(&["must = '23'"])));
    must_mind_standard_output(&["check", path(policy.path()), path(scan.path())]);
}
