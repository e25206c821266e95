//! Everything that is refused. It knows the messages' pieces, not their wording.

use std::fs;
use std::path::Path;

use crate::{file_with, must_refuse, path, picaporte, refuse, text, words};

/// What is refused, and what the message must hold.
#[rustfmt::skip]
pub(crate) const REFUSED: &[(&str, &[&str])] = &[
    ("", &["no command", "--help"]),
    ("scna 127.0.0.1", &["'scna'", "scan"]),
    ("scan", &["no target", "--targets-file"]),
    ("scan 300.1.1.1", &["'300.1.1.1'"]),
    ("scan 10.0.0.0/33", &["'10.0.0.0/33'"]),
    ("scan 127.0.0.9-127.0.0.1", &["'127.0.0.9-127.0.0.1'", "backwards"]),
    ("scan 2001:db8::g", &["'2001:db8::g'"]),
    ("scan [2001:db8::1", &["'[2001:db8::1'"]),
    ("scan 192.0.2.1,192.0.2.2", &["'192.0.2.1,192.0.2.2'", "apart by blanks"]),
    ("scan 192.0.2.1,3-5", &["'192.0.2.1,3-5'", "192.0.2.1-50"]),
    ("scan a.example,b.example", &["'a.example,b.example'", "apart by blanks"]),
    ("scan a..b", &["'a..b'"]),
    ("scan 127.0.0.1:0", &["'127.0.0.1:0'", "'0'"]),
    ("scan fe80::1", &["'fe80::1'", "zone"]),
    ("scan fe80::1%nosuchzone", &["'fe80::1%nosuchzone'", "'nosuchzone'"]),
    ("scan 224.0.0.1", &["'224.0.0.1'"]),
    ("scan 0.0.0.0", &["'0.0.0.0'"]),
    ("scan no-such-host.invalid", &["'no-such-host.invalid'", "does not resolve"]),
    ("scan 127.0.0.1 -p 1-70000", &["--ports", "'1-70000'", "'70000'"]),
    ("scan 127.0.0.1 -p 80-22", &["--ports", "'80-22'"]),
    ("scan 127.0.0.1 -p 0", &["--ports", "'0'"]),
    ("scan 127.0.0.1 -p 22,nosuchservice", &["--ports", "'nosuchservice'"]),
    ("scan 127.0.0.1 -p common:99999", &["--ports", "'common:99999'"]),
    ("scan 127.0.0.1 -p", &["--ports", "needs a value"]),
    ("scan 127.0.0.1 --exclude 127.0.0.0/8", &["--exclude", "nothing is left"]),
    ("scan 127.0.0.1 -p 22 --exclude-ports 1-1000", &["--exclude-ports", "'1-1000'"]),
    ("scan 127.0.0.1 --exclude 127.0.0.300", &["--exclude", "'127.0.0.300'"]),
    ("scan 127.0.0.1 --exclude no-such-host.invalid", &["--exclude", "'no-such-host.invalid'"]),
    ("scan 2001:db8::/64 -p -", &["2^53"]),
    ("scan 127.0.0.1 --rate 0", &["--rate", "'0'"]),
    ("scan 127.0.0.1 --rate fast", &["--rate", "'fast'"]),
    ("scan 127.0.0.1 --max-inflight -1", &["-1"]),
    ("scan 127.0.0.1 --timeout 500", &["--timeout", "'500'", "500ms"]),
    ("scan 127.0.0.1 --timeout 0s", &["--timeout", "'0s'"]),
    ("scan 127.0.0.1 --attempts 0", &["--attempts", "'0'"]),
    ("scan 127.0.0.1 --attempts 101", &["--attempts", "'101'"]),
    ("scan 127.0.0.1 --max-time soon", &["--max-time", "'soon'"]),
    ("scan 127.0.0.1 --pace slow", &["--pace", "'slow'", "gentle"]),
    ("scan 127.0.0.1 --shard 4/3", &["--shard", "'4/3'"]),
    ("scan 127.0.0.1 --shard 0/3", &["--shard", "'0/3'"]),
    ("scan 127.0.0.1 --seed 9007199254740992", &["--seed", "'9007199254740992'"]),
    ("scan 127.0.0.1 --show opne", &["--show", "'opne'"]),
    ("scan 127.0.0.1 --format yaml", &["--format", "'yaml'", "jsonl"]),
    ("scan 127.0.0.1 -oX", &["-oX", "nmap", "-o FILE.xml"]),
    ("scan 127.0.0.1 -oG", &["-oG", "nmap", "-o FILE.gnmap"]),
    ("scan 127.0.0.1 --xml-strict -o scan.csv", &["--xml-strict", "-o FILE.xml"]),
    ("scan 127.0.0.1 --locate --format gnmap", &["--locate", "gnmap", "xml"]),
    ("scan 127.0.0.1 --fragile", &["--fragile", "printers", "add -V"]),
    ("scan 127.0.0.1 --nmap-probes mine", &["--nmap-probes 'mine'", "your own", "add -V"]),
    ("scan 127.0.0.1 -V --nmap-probes /no/such", &["--nmap-probes '/no/such'", "can't be read"]),
    ("scan 127.0.0.1 -oJ", &["-oJ", "masscan", "--format masscan"]),
    ("scan 127.0.0.1 -oN", &["-oN", "nmap", "> FILE", ".jsonl"]),
    ("scan 127.0.0.1 --traceroute", &["--traceroute", "--locate"]),
    ("scan 127.0.0.1 --locate --format csv", &["--locate", "csv", "-o"]),
    ("scan 127.0.0.1 --format json --format csv", &["--format", "twice"]),
    ("scan 127.0.0.1 --color often", &["--color", "'often'"]),
    ("scan 127.0.0.1 --progress loud", &["--progress", "'loud'"]),
    ("check policy.toml 127.0.0.1 -p 22", &["-p", "after --"]),
    ("scan 127.0.0.1 --rat 5", &["--rat", "--rate"]),
    ("scan 127.0.0.1 -o scan.txt", &["--output", "'scan.txt'", ".jsonl"]),
    ("scan 127.0.0.1 -o scan", &["--output", "'scan'"]),
    ("scan 127.0.0.1 --targets-file /no/such/file", &["--targets-file", "'/no/such/file'"]),
    ("scan 127.0.0.1 --targets-file /", &["--targets-file", "'/'"]),
    ("scan 127.0.0.1 -4 -6", &["-4", "-6"]),
    ("scan ::1 -4", &["-4", "'::1'"]),
    ("scan 127.0.0.1 -6", &["-6", "'127.0.0.1'"]),
    ("scan 127.0.0.1 --source ::1", &["--source ::1", "'127.0.0.1'"]),
    ("scan 127.0.0.1 --source 127.0.0.1 -6", &["--source", "-6"]),
    ("scan 127.0.0.1 --source 0.0.0.0", &["--source", "'0.0.0.0'"]),
    ("scan 127.0.0.1 -q --progress bar", &["--quiet", "--progress"]),
    ("scan 127.0.0.1 --list-ports common", &["--list-ports"]),
    ("scan --list-ports nosuchservice", &["--list-ports", "'nosuchservice'"]),
    ("locate", &["HOST:PORT"]),
    ("locate 127.0.0.1", &["'127.0.0.1'", "HOST:PORT"]),
    ("locate 127.0.0.1:0", &["'127.0.0.1:0'"]),
    ("locate [::1]", &["'[::1]'", "HOST:PORT"]),
    ("locate no-such-host.invalid:22", &["'no-such-host.invalid'", "does not resolve"]),
    ("locate 127.0.0.1:1-2000", &["2,000 ports", "1024"]),
    ("locate 127.0.0.1:22 --rate 0", &["--rate", "'0'"]),
    ("locate 127.0.0.1:22 --format csv", &["--format", "'csv'", "jsonl"]),
    ("locate 127.0.0.1:22 -6", &["-6", "'127.0.0.1:22'"]),
    ("locate 127.0.0.1:22 --exclude 127.0.0.0/8", &["--exclude", "nothing is left"]),
    ("locate 127.0.0.1:22 --exclude-ports 1-1000", &["--exclude-ports"]),
    ("completions nosuchshell", &["'nosuchshell'", "bash"]),
    ("man nosuchcommand", &["'nosuchcommand'"]),
    ("scan 127.0.0.1 --targets-file - --exclude-file -", &["--targets-file", "once"]),
];

#[test]
fn bad_input_is_one_line_that_names_the_flag_and_the_text() {
    for (line, says) in REFUSED {
        must_refuse(&refuse(&words(line)), says);
    }
}

#[test]
fn a_scope_that_is_wrong_is_named_with_line_and_column() {
    let bad = |text: &str, says: &[&str]| {
        let scope = file_with(text);
        let place = format!("'{}'", path(scope.path()));
        for command in [["scan", "127.0.0.1"], ["locate", "127.0.0.1:9"]] {
            let line = [&command[..], &["--scope", path(scope.path())]].concat();
            must_refuse(&refuse(&line), &[&["--scope", &place], says].concat());
            let mut by_variable = crate::program(&[&command[..], dry(command[0])].concat());
            let output = by_variable.env("PICAPORTE_SCOPE", scope.path()).output();
            let says = [&["PICAPORTE_SCOPE", &place], says].concat();
            must_refuse(&output.expect("the program runs"), &says);
        }
    };
    bad("", &["empty"]);
    bad(
        "[allowed]\nnetwork = ['127.0.0.1']\n",
        &["line 2, column 1", "'network'", "'networks'"],
    );
    bad(
        "[allowed]\nnetworks = ['127.0.0.300']\n",
        &["line 2, column 13", "'127.0.0.300'"],
    );
    bad(
        "valid_until = 2020-01-01T00:00:00Z\n[allowed]\nnetworks = ['127.0.0.1']\n",
        &["2020-01-01T00:00:00Z", "allowed again"],
    );
    bad("\u{1b}[2J", &["line 1, column 2", "no TOML"]);
    must_refuse(
        &refuse(&words("scan 127.0.0.1 --scope /no/such/file")),
        &["--scope", "'/no/such/file'"],
    );
    must_refuse(
        &refuse(&words("locate 127.0.0.1:9 --scope /")),
        &["--scope", "'/'", "no regular file"],
    );
}

/// What keeps a command from sending when it is not refused.
fn dry(command: &str) -> &'static [&'static str] {
    if command == "scan" {
        &["--dry-run"]
    } else {
        &[]
    }
}

#[test]
fn hostile_and_endless_text_is_told_harmlessly_and_short() {
    let hostile = refuse(&["scan", "a\u{1b}[2J\nb\u{202e}"]);
    must_refuse(&hostile, &["\\u{1b}[2J", "\\u{a}b", "\\u{202e}"]);
    let list = file_with("x".repeat(900_000));
    let long = refuse(&["scan", "--targets-file", path(list.path())]);
    must_refuse(&long, &["--targets-file", "line 1"]);
    assert!(long.stderr.len() < 1000);
    must_refuse(
        &refuse(&["scan", "127.0.0.1", "--rate", "1\n\n2"]),
        &["--rate", "\\u{a}"],
    );
}

#[test]
fn a_targets_file_that_is_wrong_is_named_with_the_line() {
    let bad = |content: &[u8], says: &[&str]| {
        let list = file_with(content);
        must_refuse(
            &refuse(&["scan", "--targets-file", path(list.path())]),
            says,
        );
    };
    bad(
        b"127.0.0.1\n# fine\n127.0.0.1 127.0.0.300\n",
        &["--targets-file", "line 3", "'127.0.0.300'"],
    );
    bad(
        b"127.0.0.1\n\x7fELF\0\0\n",
        &["--targets-file", "line 2 is not text"],
    );
    bad(b"\xff\xfe1\0", &["line 1 is not text"]);
    bad(b"# nobody\n\n", &["no target"]);
}

#[test]
fn a_bad_line_among_a_million_is_named() {
    let mut content = "127.0.0.1\n".repeat(1_000_000);
    content.replace_range(7_777_760..7_777_769, "127.0.0/9");
    let list = file_with(&content);
    let output = refuse(&["scan", "--targets-file", path(list.path())]);
    must_refuse(&output, &["line 777777: '127.0.0/9'"]);
}

#[test]
fn an_output_that_cannot_be_written_leaves_nothing_behind() {
    let directory = tempfile::tempdir().expect("a directory");
    let good = directory.path().join("good.jsonl");
    let bad = directory.path().join("no/such/bad.csv");
    let output = picaporte(&[
        "scan",
        "127.0.0.1",
        "-p",
        "1",
        "-o",
        path(&good),
        "-o",
        path(&bad),
    ]);
    must_refuse(&output, &["--output", "bad.csv"]);
    assert!(!good.exists(), "a file was left behind");
    fs::write(&good, "old").expect("a file");
    must_refuse(
        &picaporte(&[
            "scan",
            "127.0.0.1",
            "-p",
            "1",
            "-o",
            path(&good),
            "-o",
            path(&bad),
        ]),
        &["bad.csv"],
    );
    must_refuse(
        &refuse(&["scan", "300.1.1.1", "-o", path(&good)]),
        &["300.1.1.1"],
    );
    assert_eq!(fs::read_to_string(&good).expect("the file"), "old");
    let output = picaporte(&[
        "scan",
        "127.0.0.1",
        "-p",
        "1",
        "--interface",
        "nosuch0",
        "-o",
        path(&good),
    ]);
    must_refuse(&output, &["nosuch0"]);
    assert_eq!(fs::read_to_string(&good).expect("the file"), "old");
}

#[test]
fn the_same_file_given_twice_is_refused_however_it_is_written() {
    let directory = tempfile::tempdir().expect("a directory");
    let file = directory.path().join("scan.jsonl");
    let around = directory.path().join(".").join("scan.jsonl");
    let link = directory.path().join("link.csv");
    std::os::unix::fs::symlink(&file, &link).expect("a link");
    let twice = |a: &Path, b: &Path| refuse(&["scan", "127.0.0.1", "-o", path(a), "-o", path(b)]);
    must_refuse(
        &twice(&file, &file),
        &["--output", "scan.jsonl", "same file"],
    );
    must_refuse(&twice(&file, &around), &["--output", "same file"]);
    fs::write(&file, "127.0.0.1\n").expect("a file");
    must_refuse(&twice(&file, &link), &["link.csv", "scan.jsonl"]);
    let output = refuse(&["scan", "--targets-file", path(&file), "-o", path(&around)]);
    must_refuse(&output, &["--output", "--targets-file"]);
    assert_eq!(fs::read_to_string(&file).expect("the file"), "127.0.0.1\n");
    must_refuse(
        &refuse(&words("scan 127.0.0.1 -o - -o -")),
        &["--output '-'", "twice"],
    );
}

/// What other scanners' users write is not taken for an option that begins alike.
#[test]
fn an_option_of_another_scanner_is_not_taken_for_ours() {
    for (words, says) in [
        (&["scan", "-host", "192.0.2.1"][..], "-host: write targets"),
        (&["-host", "192.0.2.1"], "-host: write targets"),
        (&["-V", "192.0.2.1"], "picaporte scan -V"),
        (&["-p", "22", "192.0.2.1"], "picaporte scan -p"),
        (&["-sV", "192.0.2.1"], "-sV: write -V"),
        (&["scan", "192.0.2.1", "-g"], "--format hostport"),
        (&["scan", "192.0.2.1", "-oB", "x"], "-oB is masscan's"),
        (
            &["check", "a.toml", "--banners"],
            "options of the scan stand after --",
        ),
    ] {
        must_refuse(&refuse(words), &[says]);
    }
    let show = refuse(&["show", "-sV"]);
    must_refuse(&show, &["unknown option -s"]);
    assert!(!text(&show.stderr).contains("identify"));
}
