//! The command `diff` on files: what it prints, how it ends, and what it refuses.

use serde_json::Value;

use crate::{
    file_with, must_mind_standard_output, must_refuse, path, picaporte, program, refuse, text,
};

fn jsonl(open: &str, closed: &str) -> String {
    format!(
        concat!(
            r#"{{"type":"scan","schema":1,"id":"01J","version":"0.1.0","started":"2026-01-01T00:00:00.000Z"}}"#,
            "\n",
            r#"{{"type":"host","ip":"192.0.2.7","name":null,"ports":{{"open":"{}","closed":"{}","filtered":"","untested":""}}}}"#,
            "\n",
            r#"{{"type":"end","untested":0,"complete":true}}"#,
            "\n"
        ),
        open, closed
    )
}

const XML: &str = r#"<?xml version="1.0"?><nmaprun scanner="nmap" start="1767225600" version="7.93">
<scaninfo type="connect" protocol="tcp" services="22-23"/>
<host><status state="up" reason="syn-ack"/><address addr="192.0.2.7" addrtype="ipv4"/><ports>
<port protocol="tcp" portid="22"><state state="open" reason="syn-ack"/></port>
<port protocol="tcp" portid="23"><state state="closed" reason="conn-refused"/></port></ports></host>
<runstats><finished exit="success"/><hosts up="1" down="0"/></runstats></nmaprun>
"#;

#[test]
fn the_same_is_0_and_a_difference_1() {
    let (old, new, xml) = (
        file_with(jsonl("22", "23")),
        file_with(jsonl("22-23", "")),
        file_with(XML),
    );
    let same = picaporte(&["diff", path(old.path()), path(xml.path())]);
    assert_eq!(same.status.code(), Some(0), "{}", text(&same.stderr));
    assert!(
        text(&same.stdout).contains("The same: "),
        "{}",
        text(&same.stdout)
    );
    let differ = picaporte(&["diff", path(xml.path()), path(new.path())]);
    assert_eq!(differ.status.code(), Some(1), "{}", text(&differ.stderr));
    assert!(
        text(&differ.stdout).contains("  opened            23 (closed before)\n"),
        "{}",
        text(&differ.stdout)
    );
    assert_eq!((text(&same.stderr), text(&differ.stderr)), ("", ""));
}

#[test]
fn what_can_not_be_compared_is_not_the_same() {
    let (old, new) = (file_with(jsonl("22", "23")), file_with(jsonl("22", "")));
    let output = picaporte(&["diff", path(old.path()), path(new.path())]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        text(&output.stdout).contains("Nothing is known to have changed"),
        "{}",
        text(&output.stdout)
    );
}

#[test]
fn every_format_is_written() {
    let (old, new) = (file_with(jsonl("22", "23")), file_with(jsonl("23", "22")));
    let run = |format: &str| {
        picaporte(&[
            "diff",
            path(old.path()),
            path(new.path()),
            "--format",
            format,
            "--evidence",
        ])
    };
    let json: Value = serde_json::from_slice(&run("json").stdout).expect("JSON");
    assert_eq!(json["hosts"][0]["changes"][0]["ports"], "23");
    assert_eq!(json["diff"]["old"]["file"], path(old.path()));
    assert!(text(&run("md").stdout).starts_with("# Changes"));
    assert!(text(&run("table").stdout).starts_with("old  "));
    must_refuse(&run("csv"), &["--format", "'csv'", "md"]);
}

#[test]
fn standard_input_is_a_file_too() {
    let old = file_with(jsonl("22", "23"));
    let mut command = program(&["diff", path(old.path()), "-"]);
    let output = command.write_stdin(XML).output().expect("runs");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    must_refuse(
        &refuse(&["diff", "-", "-"]),
        &["OLD and NEW", "standard input"],
    );
    let mut command = program(&["diff", "-", path(old.path())]);
    must_refuse(
        &command
            .write_stdin("{\"type\":7}\n")
            .output()
            .expect("runs"),
        &["OLD (standard input)", "line 1"],
    );
}

#[test]
fn a_cut_file_is_read_and_said_to_be_cut() {
    let whole = jsonl("22", "23");
    let (old, new) = (file_with(&whole), file_with(&whole[..whole.len() - 20]));
    let output = picaporte(&["diff", path(old.path()), path(new.path())]);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let stdout = text(&output.stdout)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ");
    assert!(
        stdout.contains("not complete It is cut off at line 3."),
        "{stdout}"
    );
}

#[test]
fn bad_files_are_refused_with_their_place() {
    let good = file_with(jsonl("22", "23"));
    let good = path(good.path());
    for (content, says) in [
        (&b""[..], &["NEW '", "is empty"][..]),
        (b"ip,port\n", &["'ip,port'", ".jsonl"]),
        (
            b"{\"type\":\"port\",\"ip\":\"x\",\"port\":1,\"state\":\"open\"}\n",
            &["line 1", "'x'", "scan -o"],
        ),
        (
            b"{\"type\":\"scan\"}\n{\"type\":\"host\n{}\n",
            &["line 2", "damaged"],
        ),
        (b"<nmaprun><host></nmaprun>", &["byte 15", "nmap -oX"]),
        (
            b"<nmaprun><scaninfo services=\"\x1b[2J\"/></nmaprun>",
            &["\\u{1b}[2J"],
        ),
        (b"\x1f\x8b\x08", &["compressed"]),
        (b"\0\0\0\0\0\0", &["neither JSON nor XML"]),
    ] {
        let file = file_with(content);
        must_refuse(&refuse(&["diff", good, path(file.path())]), says);
    }
    let directory = tempfile::tempdir().expect("a directory");
    must_refuse(
        &refuse(&["diff", path(directory.path()), good]),
        &["OLD '", "is a directory"],
    );
    must_refuse(
        &refuse(&["diff", good, "01JGFJJZ00000000000000SCAN"]),
        &["NEW '01JG", "is no file", "PICAPORTE_STORE says none"],
    );
    must_refuse(
        &refuse(&["diff", good, "yesterday.jsonl"]),
        &["NEW 'yesterday.jsonl' is no file", "scan -o", "history"],
    );
    must_refuse(&refuse(&["diff", good]), &["NEW", "missing"]);
    must_refuse(&refuse(&["diff"]), &["OLD"]);
    must_refuse(&refuse(&["diff", good, good, good]), &["unknown option"]);
    must_refuse(
        &refuse(&["diff", good, good, "--evidnce"]),
        &["--evidnce", "--evidence"],
    );
}

#[test]
fn a_full_disk_is_an_error_and_a_closed_pipe_is_none() {
    let (old, new) = (file_with(jsonl("22", "23")), file_with(jsonl("23", "22")));
    must_mind_standard_output(&["diff", path(old.path()), path(new.path())]);
}
