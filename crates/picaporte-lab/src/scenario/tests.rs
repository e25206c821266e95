//! Scenario files that are wrong, and what is said of them; and that no file at all makes the reader panic.

mod bad;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::{from_text, load};

const GOOD: &str = "about = 'a'\nsource = 's'\n[scan]\ntargets = ['198.18.0.1', 'www.lab.test']\nports = '1-10'\n\
    [names]\n'www.lab.test' = ['198.18.0.2', '2001:db8::2']\n[paths.p]\nhops = 3\n[[hosts]]\naddresses = ['198.18.0.0/24']\n";

fn message(text: &str) -> String {
    match from_text(Path::new("x.toml"), text) {
        Ok(_) => "accepted".to_owned(),
        Err(error) => error.to_string(),
    }
}

#[test]
fn every_mistake_is_told_where_it_is_and_how_to_mend_it() {
    let cases = bad::cases();
    assert!(cases.len() >= 60);
    let mut told = String::new();
    for (what, text) in &cases {
        let message = message(text);
        assert!(message.starts_with("x.toml:"), "{what}: {message}");
        assert!(!message.chars().any(char::is_control), "{what}");
        writeln!(told, "{what}\n    {message}").unwrap();
    }
    insta::assert_snapshot!(told);
}

#[test]
fn what_is_right_is_taken() {
    assert_eq!(message(GOOD), "accepted");
    assert_eq!(message(&format!("\u{feff}{GOOD}")), "accepted");
    assert_eq!(message(&GOOD.replace('\n', "\r\n")), "accepted");
}

#[test]
fn bounds_are_reached_but_not_passed() {
    let with = |old: &str, new: &str| message(&GOOD.replace(old, new));
    assert_eq!(with("hops = 3", "hops = 15"), "accepted");
    assert_eq!(
        with("'198.18.0.1', ", "'10.0.0.0/8', '2001:db8::/96', "),
        "accepted"
    );
    for bound in ["1s", "30min"] {
        let bounded = format!("ports = '1-10'\nbound = '{bound}'");
        assert_eq!(with("ports = '1-10'", &bounded), "accepted");
    }
    for few in ["descriptors = 16", "local_ports = 1", "local_ports = 28232"] {
        assert_eq!(
            with("ports = '1-10'", &format!("ports = '1-10'\n{few}")),
            "accepted"
        );
    }
    let targets = format!("{}'www.lab.test'", "'198.18.0.1', ".repeat(4_095));
    assert_eq!(with("'198.18.0.1', 'www.lab.test'", &targets), "accepted");
}

#[test]
fn a_narrow_group_may_stand_before_a_wide_one() {
    let more = "[[hosts]]\naddresses = ['198.18.0.0/16', '10.0.0.0/8']\n";
    assert_eq!(message(&format!("{GOOD}{more}")), "accepted");
}

#[test]
fn rules_for_shares_leave_the_rest_to_the_next() {
    let rules =
        "ports = [{ ports = '1-9', share = 0.5, is = 'open' }, { ports = '1-9', is = 'closed' }]\n";
    assert_eq!(message(&format!("{GOOD}{rules}")), "accepted");
}

/// What `load` says of a file with these bytes, without the folder it is in.
fn loaded(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    fs::write(&file, bytes).unwrap();
    said(&file, folder.path())
}

fn said(file: &Path, folder: &Path) -> String {
    match load(file) {
        Ok(scenario) => format!("accepted as {}", scenario.name),
        Err(error) => error
            .to_string()
            .replace(&format!("{}/", folder.display()), ""),
    }
}

#[test]
fn files_that_are_no_scenarios_are_told_so() {
    assert_eq!(loaded(GOOD.as_bytes()), "accepted as x");
    assert_eq!(
        loaded(b"about = 'a'\nsource = '\xff'\n"),
        "x.toml:2:11: no UTF-8 from here on; save the file as UTF-8"
    );
    let most = 1 << 20;
    let mut padded = format!("#{}\n{GOOD}", "x".repeat(most - GOOD.len() - 2));
    assert_eq!(loaded(padded.as_bytes()), "accepted as x");
    padded.push('\n');
    assert_eq!(
        loaded(padded.as_bytes()),
        "x.toml: is too large; a scenario has at most 1048576 bytes"
    );
    let folder = tempfile::tempdir().unwrap();
    let inner = folder.path().join("inner.toml");
    assert_eq!(
        said(&inner, folder.path()),
        "inner.toml: can't be read: No such file or directory (os error 2)"
    );
    fs::create_dir(&inner).unwrap();
    assert_eq!(
        said(&inner, folder.path()),
        "inner.toml: is a folder; name one of the files in it"
    );
    assert_eq!(
        said(&PathBuf::from("/dev/zero"), folder.path()),
        "/dev/zero: is too large; a scenario has at most 1048576 bytes"
    );
}

#[test]
fn a_scenario_has_a_name_that_a_folder_can_have() {
    let folder = tempfile::tempdir().unwrap();
    for name in [
        "...toml",
        "..toml",
        ".a.toml",
        "a b.toml",
        "a\n.toml",
        "\u{202e}a.toml",
        "é.toml",
    ] {
        let file = folder.path().join(name);
        fs::write(&file, GOOD).unwrap();
        let said = said(&file, folder.path());
        assert!(
            said.contains("is no name for a scenario; call the file by"),
            "{said}"
        );
    }
    for (name, as_name) in [("-a_1.b.toml", "-a_1.b"), ("A", "A")] {
        let file = folder.path().join(name);
        fs::write(&file, GOOD).unwrap();
        assert_eq!(said(&file, folder.path()), format!("accepted as {as_name}"));
    }
}

#[test]
fn nobody_waits_for_a_fifo() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("x.toml");
    nix::unistd::mkfifo(&file, nix::sys::stat::Mode::S_IRWXU).unwrap();
    assert_eq!(
        said(&file, folder.path()),
        "x.toml: is a FIFO; write the scenario into a file"
    );
}

/// Texts that come near to a scenario: pieces of good and bad ones in any order.
fn pieces() -> impl Strategy<Value = String> {
    let mut lines: Vec<String> = GOOD.lines().map(str::to_owned).collect();
    for (_, text) in bad::cases() {
        // The longest are there for bounds, and would only make this slow.
        lines.extend(
            text.lines()
                .filter(|line| line.len() < 200)
                .map(str::to_owned),
        );
    }
    lines.sort();
    lines.dedup();
    prop::collection::vec(prop::sample::select(lines), 0..20).prop_map(|some| some.join("\n"))
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_panic(text in any::<String>()) {
        let _ = message(&text);
    }

    #[test]
    fn no_heap_of_lines_makes_the_reader_panic(text in pieces()) {
        let _ = message(&text);
        let _ = message(&format!("{GOOD}{text}"));
    }

    #[test]
    fn no_cut_makes_the_reader_panic(at in 0..GOOD.len(), with in any::<String>()) {
        let _ = message(&format!("{}{with}{}", &GOOD[..at], &GOOD[at..]));
    }
}
