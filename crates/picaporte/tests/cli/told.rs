//! What the program tells without probing anyone: help, man pages, lists, dry runs.

use std::path::Path;

use crate::{must_print, must_refuse, picaporte, program, text, words};

#[test]
fn standard_input_is_a_list_too() {
    let mut command = program(&words("scan --targets-file - -p 80 --dry-run"));
    let output = command
        .write_stdin("127.0.0.0/30 # a few\n\n2001:db8::1\n")
        .output()
        .expect("runs");
    assert!(
        text(&output.stdout).contains("probes   5\n"),
        "{}",
        text(&output.stdout)
    );
    let mut command = program(&words("scan --targets-file - --dry-run"));
    must_refuse(
        &command
            .write_stdin("127.0.0.1 c/d\n")
            .output()
            .expect("runs"),
        &["standard input, line 1", "'c/d'"],
    );
}

#[test]
fn help_lists_what_there_is_in_80_columns() {
    let main = must_print("--help", 0);
    for command in [
        "scan",
        "resume",
        "locate",
        "history",
        "show",
        "diff",
        "check",
        "completions",
        "man",
    ] {
        assert!(main.contains(&format!("  {command} ")), "{main}");
    }
    let scan = must_print("scan --help", 0);
    for option in [
        "-p, --ports",
        "-o, --output",
        "--format",
        "--show",
        "--rate",
        "--host-rate",
        "--max-inflight",
        "--host-inflight",
        "--timeout",
        "--attempts",
        "--pace",
        "--host-timeout",
        "--max-time",
        "--shard",
        "--dry-run",
        "--seed",
        "--store",
        "--recall",
        "--discover",
        "--locate",
        "--reverse-dns",
        "--source",
        "--interface",
        "-4",
        "-6",
        "--progress",
        "-q, --quiet",
        "--color",
        "--xml-strict",
        "--targets-file",
        "--exclude",
        "--exclude-file",
        "--exclude-ports",
        "--scope",
        "--list-ports",
        "--lang",
        "--identify",
    ] {
        assert!(scan.contains(&format!(" {option}")), "{option} is missing");
    }
    for number in [
        "60 probes/s",
        "64 in flight",
        "20,000 in flight",
        "65,536 in flight",
    ] {
        assert!(scan.contains(number), "{number} is missing");
    }
    let others = others();
    let all = others.iter().flat_map(|help| help.lines());
    let widest = main
        .lines()
        .chain(scan.lines())
        .chain(all)
        .map(|l| l.chars().count())
        .max();
    assert!(widest <= Some(80), "{widest:?} columns");
    assert!(must_print("--version", 0).starts_with("picaporte "));
}

/// The help of the commands but `scan`.
fn others() -> [String; 5] {
    [
        must_list("diff", &["OLD", "NEW", "--evidence", "--format", "--color"]),
        must_list(
            "resume",
            &["[SCAN]", "--store", "--scope", "-o, --output", "--format"],
        ),
        must_list(
            "history",
            &[
                "--host", "--since", "--open", "--limit", "--format", "--store",
            ],
        ),
        must_list(
            "show",
            &[
                "[SCAN]",
                "--verify",
                "-o, --output",
                "--format",
                "--color",
                "--store",
            ],
        ),
        must_list(
            "check",
            &[
                "<POLICY> <SCAN>",
                "<TARGET>... [--",
                "--init <SCAN>",
                "--date",
                "--format",
                "sarif",
            ],
        ),
    ]
}

/// The help of a command, in which all of this stands.
fn must_list(command: &str, words: &[&str]) -> String {
    let help = must_print(&format!("{command} --help"), 0);
    for word in words {
        assert!(help.contains(word), "{command}: {word} is missing");
    }
    help
}

#[test]
fn completions_and_man_pages_are_printed() {
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        assert!(
            must_print(&format!("completions {shell}"), 0).contains("host-inflight"),
            "{shell}"
        );
    }
    let main = must_print("man", 0);
    assert!(
        main.contains(".TH picaporte 1") && main.contains("completions"),
        "{main}"
    );
    let scan = must_print("man scan", 0);
    assert!(
        scan.contains(".TH picaporte-scan 1") && scan.contains("max\\-inflight"),
        "{scan}"
    );
}

#[test]
fn port_lists_are_printed() {
    let common = must_print("scan --list-ports common", 0);
    let ports = common
        .lines()
        .filter(|line| !line.is_empty() && !line.starts_with('#'));
    assert!(ports.count() >= 1000);
    assert_eq!(
        must_print("scan --list-ports common:3", 0).lines().count(),
        3
    );
    assert_eq!(
        must_print("scan --list-ports ssh,https", 0),
        "22\tssh\n443\thttps\n"
    );
}

#[test]
fn a_dry_run_tells_hosts_probes_and_time() {
    let dry = must_print(
        "scan 10.80.0.0/24 -p 1-1000 --dry-run --seed 7 -o nowhere.jsonl",
        0,
    );
    for piece in [
        "hosts    256\n",
        "probes   256,000\n",
        "seed     7\n",
        "time     about",
        "nowhere.jsonl",
    ] {
        assert!(dry.contains(piece), "{piece}: {dry}");
    }
    assert!(!Path::new("nowhere.jsonl").exists());
    let shard = must_print("scan 10.80.0.0/16 -p 80 --dry-run --shard 2/3", 0);
    assert!(shard.contains("of 65,536, shard 2/3"), "{shard}");
    let kept = must_print("scan 127.0.0.1 --dry-run --store nowhere.db", 0);
    assert!(kept.contains("keeps    the scan in nowhere.db\n"), "{kept}");
    let not = must_print("scan 127.0.0.1 --dry-run --store none", 0);
    assert!(not.contains("keeps    nothing, "), "{not}");
    let ports = must_print("scan 127.0.0.1 -p - --dry-run", 0);
    assert!(ports.contains("probes   65,535\n"), "{ports}");
    assert!(!ports.contains("asks"), "{ports}");
}

#[test]
fn a_dry_run_tells_who_would_be_asked_beside_the_scan() {
    let asks = "asks     open ports what they are: each by at most 14 connections, 20 questions and 12 s of standing connections, which the time above leaves out\n";
    let dry = must_print("scan 127.0.0.1 --dry-run -V", 0);
    assert!(dry.contains(asks), "{dry}");
    let fragile = must_print("scan 127.0.0.1 --dry-run -V --fragile --reverse-dns", 0);
    for piece in [
        "asks     open ports, of printers and industrial control too, what they are: each",
        "asks     this system's name servers what addresses that answer are called",
    ] {
        assert!(fragile.contains(piece), "{fragile}");
    }
}

#[test]
fn what_is_left_out_is_told_once_on_standard_error() {
    let output = picaporte(&words(
        "scan 255.255.255.0/24 127.0.0.1 2001:db8::1 -4 -p 80 --dry-run",
    ));
    let stderr = text(&output.stderr);
    assert_eq!(
        stderr
            .matches("skipped 255.255.255.0-255.255.255.255")
            .count(),
        1,
        "{stderr}"
    );
    assert_eq!(
        stderr.matches("-4 leaves out '2001:db8::1'").count(),
        1,
        "{stderr}"
    );
    let quiet = picaporte(&words("scan 255.255.255.0/24 127.0.0.1 -p 80 --dry-run -q"));
    assert_eq!(text(&quiet.stderr), "");
}
