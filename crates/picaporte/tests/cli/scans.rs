//! Scans of two ports of the loopback that the test itself holds, and what is written of them.

use std::fs;
use std::net::{SocketAddr, TcpListener};
use std::process::Output;

use serde_json::Value;
use socket2::{Domain, Socket, Type};

use crate::{must_refuse, path, picaporte, program, text, words};

/// A listener of this test, and a port that it holds without listening, so that it is closed.
struct Loopback {
    _open: TcpListener,
    _closed: Socket,
    open: u16,
    closed: u16,
}

impl Loopback {
    fn new() -> Self {
        let open = TcpListener::bind("127.0.0.1:0").expect("a listener");
        let closed = Socket::new(Domain::IPV4, Type::STREAM, None).expect("a socket");
        closed
            .bind(&SocketAddr::from(([127, 0, 0, 1], 0)).into())
            .expect("a port");
        let port = |address: Option<SocketAddr>| address.expect("an address").port();
        Self {
            open: port(open.local_addr().ok()),
            closed: port(closed.local_addr().ok().and_then(|a| a.as_socket())),
            _open: open,
            _closed: closed,
        }
    }

    fn scan(&self, target: &str, rest: &str) -> Output {
        let ports = format!("{},{}", self.open, self.closed);
        let mut line = vec!["scan", target, "-p", &ports, "--store", "none"];
        line.extend(words(rest));
        picaporte(&line)
    }
}

fn json_lines(bytes: &[u8]) -> Vec<Value> {
    text(bytes)
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect()
}

#[test]
fn a_scan_finds_the_open_port_and_writes_every_output() {
    let loopback = Loopback::new();
    let directory = tempfile::tempdir().expect("a directory");
    let [jsonl, csv] = ["a.jsonl", "b.csv"].map(|name| directory.path().join(name));
    fs::write(
        &jsonl,
        "something old and longer than nothing\n".repeat(1000),
    )
    .expect("a file");
    let files = format!(
        "--format hostport -o {} -o {} --show all",
        path(&jsonl),
        path(&csv)
    );
    let output = loopback.scan("127.0.0.1", &files);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    assert_eq!(
        text(&output.stdout),
        format!("127.0.0.1:{}\n", loopback.open)
    );
    assert_eq!(text(&output.stderr), "");
    let lines = json_lines(&fs::read(&jsonl).expect("the file"));
    let types: Vec<&str> = lines
        .iter()
        .filter_map(|line| line["type"].as_str())
        .collect();
    assert_eq!(
        (types[0], types[types.len() - 1], types.len()),
        ("scan", "end", 5)
    );
    assert_eq!(lines[4]["tested"], 2);
    assert_eq!(
        fs::read_to_string(&csv).expect("the file").lines().count(),
        3
    );
}

#[test]
fn a_seed_is_exact_and_told() {
    let loopback = Loopback::new();
    let output = loopback.scan("127.0.0.1", "--format jsonl --seed 9007199254740991");
    assert_eq!(
        json_lines(&output.stdout)[0]["seed"],
        9_007_199_254_740_991_u64
    );
    assert_eq!(json_lines(&output.stdout)[0]["args"][0], "scan");
}

#[test]
fn a_name_of_the_hosts_file_is_scanned_and_a_name_without_address_is_untested() {
    let loopback = Loopback::new();
    let target = format!("127.0.0.1:{}", loopback.open);
    let line = format!("scan {target} no-such-host.invalid -p 1-3 --format jsonl --progress none");
    let output = picaporte(&words(&line));
    assert_eq!(output.status.code(), Some(3), "{}", text(&output.stderr));
    assert!(text(&output.stderr).contains("'no-such-host.invalid' does not resolve"));
    let lines = json_lines(&output.stdout);
    let end = lines.last().expect("an end");
    assert_eq!(
        (&end["planned"], &end["tested"], &end["untested"]),
        (&4.into(), &1.into(), &3.into())
    );
    let localhost = loopback.scan("localhost", "-4 --format jsonl");
    assert_eq!(json_lines(&localhost.stdout)[1]["name"], "localhost");
}

#[test]
fn progress_for_programs_is_one_object_a_line() {
    let loopback = Loopback::new();
    let output = loopback.scan("127.0.0.1", "--format jsonl --progress json");
    let lines = json_lines(&output.stderr);
    let last = lines.last().expect("at least the end");
    assert_eq!(
        (&last["type"], &last["decided"], &last["planned"]),
        (&"progress".into(), &2.into(), &2.into())
    );
    assert!(text(&output.stderr).starts_with("{\"type\":\"progress\","));
}

#[test]
fn colour_is_a_matter_of_choice() {
    let loopback = Loopback::new();
    let colored = |rest: &str| loopback.scan("127.0.0.1", rest).stdout.contains(&0x1b);
    assert!(colored("--color always"));
    assert!(!colored("--color never") && !colored("--color auto"));
}

#[test]
fn an_output_that_fails_is_one_error_and_the_others_go_on() {
    let loopback = Loopback::new();
    let directory = tempfile::tempdir().expect("a directory");
    let full = directory.path().join("full.jsonl");
    std::os::unix::fs::symlink("/dev/full", &full).expect("a link");
    let output = loopback.scan("127.0.0.1", &format!("--format jsonl -o {}", path(&full)));
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(
        text(&output.stderr).lines().count(),
        1,
        "{}",
        text(&output.stderr)
    );
    assert!(text(&output.stderr).contains("full.jsonl"));
    assert_eq!(
        json_lines(&output.stdout).last().expect("an end")["tested"],
        2
    );
}

#[test]
fn a_scan_is_told_in_the_language_of_its_flag_or_of_the_locale() {
    let scan = |more: &str, locale: &str| {
        let line = format!("scan 127.0.0.1 -p 1 --show all {more}");
        let mut command = program(&words(&line));
        let output = command.env("LC_ALL", locale).output().expect("runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout).to_owned()
    };
    for spanish in [scan("--lang es", "C"), scan("", "es_ES.UTF-8")] {
        assert!(spanish.contains("Completo: se comprobaron"), "{spanish}");
        assert!(
            spanish.contains("MOTIVO") && !spanish.contains("REASON"),
            "{spanish}"
        );
    }
    let english = scan("--lang en", "es_ES.UTF-8");
    assert!(english.contains("Complete: every planned"), "{english}");
}

#[test]
fn a_resume_that_is_quiet_shows_no_progress() {
    let output = picaporte(&words("resume -q --progress bar"));
    must_refuse(&output, &["--quiet", "--progress"]);
}
