//! What is refused, with its place and what to do, and every bound.

use std::io;

use super::*;

/// What is wrong with a file, and what the message must hold.
#[track_caller]
pub(super) fn must_refuse(text: &str, says: &[&str]) {
    let begin: String = text.chars().take(200).collect();
    let error = read_text(text).expect_err(&begin).to_string();
    for piece in says {
        assert!(error.contains(piece), "'{piece}' is not in: {error}");
    }
    assert!(error.chars().count() < 320, "{error}");
}

#[test]
fn files_of_other_kinds_are_named_for_what_they_are() {
    must_refuse("", &["is empty", ".jsonl"]);
    must_refuse(" \n\n", &["blanks"]);
    must_refuse(
        "# Nmap 7.93 scan initiated\nHost: 192.0.2.7 ()\tPorts: 22/open/tcp//ssh///\n",
        &["for grep", "-oX"],
    );
    must_refuse(
        "ip,name,port\n192.0.2.7,,22\n",
        &["'ip,name,port'", ".jsonl"],
    );
    must_refuse("[{\"ip\": \"192.0.2.7\"}]", &["neither JSON nor XML"]);
    must_refuse("<html><body>", &["<html>", "<nmaprun>"]);
    must_refuse(
        "{\"type\":\"locate\",\"schema\":1}\n{\"type\":\"located\",\"port\":1}\n",
        &["holds no scan", "-o"],
    );
    must_refuse("{}", &["line 1", "type"]);
    let utf16: Vec<u8> = "{}".encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, says) in [
        (&b"\x1f\x8b\x08\0"[..], "unpack"),
        (b"PK\x03\x04", "unpack"),
        (&[&[0xff, 0xfe][..], &utf16].concat(), "UTF-8"),
    ] {
        let error = read(bytes, EVIDENCE, &Limits::default())
            .unwrap_err()
            .to_string();
        assert!(error.contains(says), "{error}");
    }
}

#[test]
fn damaged_lines_are_told_by_their_number() {
    let with = |line: &str| format!("{SCAN}\n{PORT}\n{line}\n{END}\n");
    for (line, says) in [
        ("{\"type\":\"port\"", "EOF"),
        ("not json", "expected ident"),
        ("[1,2]", "invalid"),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"port\":70000,\"state\":\"open\"}",
            "70000",
        ),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"port\":1e99,\"state\":\"open\"}",
            "invalid",
        ),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"port\":-1,\"state\":\"open\"}",
            "-1",
        ),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"port\":0,\"state\":\"open\"}",
            "port 0",
        ),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"port\":1}",
            "state",
        ),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.7\",\"port\":1,\"state\":\"ajar\"}",
            "'ajar'",
        ),
        (
            "{\"type\":\"port\",\"ip\":\"192.0.2.777\",\"port\":1,\"state\":\"open\"}",
            "'192.0.2.777'",
        ),
        (
            "{\"type\":\"port\",\"ip\":null,\"port\":1,\"state\":\"open\"}",
            "neither 'ip' nor 'name'",
        ),
        ("{\"type\":\"host\",\"ip\":\"192.0.2.7\"}", "ports"),
        (
            "{\"type\":\"host\",\"ip\":\"192.0.2.7\",\"ports\":{\"open\":\"22-\\u001b[2J\"}}",
            "22-",
        ),
        (
            "{\"type\":\"host\",\"ip\":\"192.0.2.7\",\"ports\":{\"open\":\"1-99999\"}}",
            "99999",
        ),
        (
            "{\"type\":\"end\",\"untested\":99999999999999999999999}",
            "invalid",
        ),
        ("{\"type\":\"scan\",\"schema\":2}", "newer version"),
        ("{\"type\":\"port\",\"type\":\"port\"}", "duplicate"),
    ] {
        must_refuse(&with(line), &["line 3", says]);
    }
    // Where the next line would mend it the place is still told.
    must_refuse(&format!("{SCAN}\n\n\n{{\"type\":7}}\n"), &["line 4"]);
}

#[test]
fn damaged_documents_are_told_by_their_line() {
    let with = |finding: &str| {
        format!("{{\"scan\":{SCAN},\n\"findings\":[\n{PORT},\n{finding}\n],\n\"end\":{END}}}\n")
    };
    must_refuse(
        &with("{\"type\":\"port\",\"ip\":\"x\",\"port\":1,\"state\":\"open\"}"),
        &["line 4", "'x'"],
    );
    must_refuse(&with("{\"type\":\"port\",\"ip\":7}"), &["line 4"]);
    must_refuse(
        &with("{\"type\":\"scan\",\"schema\":3}"),
        &["newer version"],
    );
    must_refuse(&with("nonsense"), &["line 4"]);
    must_refuse(&(document() + &document()), &["trailing"]);
    must_refuse(
        &format!("{{\"scan\":{SCAN},\"findings\":7}}"),
        &["a list of findings"],
    );
    must_refuse("{\"scan\":7}", &["line 1"]);
    must_refuse("{\"end\":", &["holds nothing"]);
}

#[test]
fn nesting_without_an_end_is_refused() {
    for text in [
        format!(
            "{SCAN}\n{{\"type\":\"port\",\"x\":{}\n",
            "[".repeat(100_000)
        ),
        format!(
            "{SCAN}\n{{\"type\":\"port\",\"x\":{}\n",
            "{\"a\":".repeat(100_000)
        ),
        format!(
            "{{\"scan\":{SCAN},\"findings\":[{}",
            "{\"a\":".repeat(100_000)
        ),
    ] {
        must_refuse(&text, &["recursion"]);
    }
}

#[test]
fn what_is_too_long_is_refused() {
    let limits = Limits {
        entry: 600,
        ..Limits::default()
    };
    let long = "x".repeat(700);
    for text in [
        format!("{SCAN}\n{{\"type\":\"{long}\"}}\n"),
        format!("{SCAN}\n{long}"),
        format!("{{\"scan\":{SCAN},\"findings\":[{{\"type\":\"{long}\"}}]}}"),
        format!("{{\"scan\":{SCAN},\"findings\":[{PORT}],\"{long}\":1}}"),
        format!(
            "{{\"scan\":{SCAN},\"findings\":[{}{PORT}]}}",
            " ".repeat(700)
        ),
        format!("<nmaprun><!-- {long} --></nmaprun>"),
        format!("<nmaprun><host a=\"{long}\"/></nmaprun>"),
        format!("<nmaprun>{long}</nmaprun>"),
    ] {
        let error = read(text.as_bytes(), EVIDENCE, &limits)
            .expect_err(&text)
            .to_string();
        assert!(error.contains("longer than 600 bytes"), "{error}");
    }
    // As many findings as there are, each with a ration of its own.
    let many = format!(
        "{{\"scan\":{SCAN},\"findings\":[{}{PORT}],\"end\":{END}}}",
        format!("{PORT},\n").repeat(50)
    );
    assert!(read(many.as_bytes(), EVIDENCE, &limits).is_ok());
}

#[test]
fn a_file_without_an_end_is_refused() {
    let limits = Limits {
        bytes: 10_000,
        ..Limits::default()
    };
    let line = format!("{SCAN}\n");
    let endless = line
        .as_bytes()
        .iter()
        .copied()
        .cycle()
        .take(1_000_000)
        .collect::<Vec<_>>();
    let error = read(&endless[..], EVIDENCE, &limits).unwrap_err();
    assert_eq!(error.place, Place::Byte(10_000));
    assert!(error.to_string().contains("10000 bytes"), "{error}");
    let exactly = format!("{:<1$}", text(), 10_000);
    assert!(read(exactly.as_bytes(), EVIDENCE, &limits).is_ok());
}

#[test]
fn no_more_is_kept_than_allowed() {
    let few = [
        (
            Limits {
                hosts: 2,
                ..Limits::default()
            },
            "2 hosts",
        ),
        (
            Limits {
                ranges: 3,
                ..Limits::default()
            },
            "ranges of ports",
        ),
        (
            Limits {
                evidence: 1,
                ..Limits::default()
            },
            "--evidence",
        ),
    ];
    for (limits, says) in few {
        for text in [text(), document()] {
            let error = read(text.as_bytes(), EVIDENCE, &limits)
                .unwrap_err()
                .to_string();
            assert!(error.contains(says), "{error}");
        }
    }
}

#[test]
fn a_file_that_can_not_be_read_says_so() {
    struct Broken;
    impl Read for Broken {
        fn read(&mut self, _: &mut [u8]) -> io::Result<usize> {
            Err(io::Error::other("the disk is gone"))
        }
    }
    for begin in ["", &format!("{SCAN}\n"), "{\"scan\":", "<nmaprun>"] {
        // More than is looked at to tell the format.
        let blanks = " ".repeat(if begin.is_empty() { 0 } else { 5_000 });
        let file = Read::chain(Cursor::new(format!("{begin}{blanks}").into_bytes()), Broken);
        let error = read(file, EVIDENCE, &Limits::default())
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("can't be read: ") && error.contains("the disk is gone"),
            "{error}"
        );
    }
}
