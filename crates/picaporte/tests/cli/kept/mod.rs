//! Kept scans as people read them again: `history`, `show`, and `diff` by name. No test here writes into the user's own store.

use std::path::Path;
use std::process::Output;

use picaporte::States;
use picaporte::report::Format;
use serde_json::Value;

use crate::{file_with, must_refuse, path, program, text, words};

mod history;
mod nmap;
mod sample;
mod services;
mod show;
mod since;

use sample::{Sample, place};

/// Runs with this store set by the variable.
fn run(store: &Path, line: &str) -> Output {
    let mut command = program(&words(line));
    command.env("PICAPORTE_STORE", store);
    command.output().expect("the program runs")
}

/// What is printed by a run that ends with 0, and says nothing else.
#[track_caller]
fn printed(store: &Path, line: &str) -> String {
    let output = run(store, line);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{line}: {}",
        text(&output.stderr)
    );
    assert_eq!(text(&output.stderr), "", "{line}");
    text(&output.stdout).to_owned()
}

#[track_caller]
fn harmless(shown: &str) {
    let acts = |c: char| c != '\n' && picaporte::report::encode::is_unseen(c);
    assert!(!shown.contains(acts), "{shown:?}");
}

#[test]
fn a_kept_scan_is_compared_by_its_name() {
    let (_directory, store) = place();
    let (old, new) = (Sample::new(1, States::ALL), Sample::new(2, States::ALL));
    let digest = old.keep(&store);
    new.keep(&store);
    let file = file_with(old.written(Format::JsonLines, digest));
    let same = format!("diff {} {} --evidence", old.id(), path(file.path()));
    let shown = printed(&store, &same);
    assert!(shown.contains("The same: "), "{shown}");

    let differ = run(
        &store,
        &format!("diff {} {}", old.id(), new.id().to_lowercase()),
    );
    assert_eq!(differ.status.code(), Some(1), "{}", text(&differ.stderr));
    let by_file = run(&store, &format!("diff {} {}", path(file.path()), new.id()));
    let body = |output: &Output| {
        let lines = text(&output.stdout)
            .lines()
            .skip_while(|line| !line.is_empty());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    assert_eq!(body(&differ), body(&by_file));
    harmless(text(&differ.stdout));

    let json = run(
        &store,
        &format!("diff {} {} --format json", old.id(), new.id()),
    );
    let json: Value = serde_json::from_slice(&json.stdout).expect("JSON");
    assert_eq!(json["diff"]["old"]["format"], "store");
    assert_eq!(json["diff"]["old"]["id"], old.id());
    assert_eq!(
        json["diff"]["old"]["complete"], false,
        "a name has no address"
    );
}

#[test]
fn a_scan_that_was_killed_is_compared_as_far_as_it_was_kept() {
    let (_directory, store) = place();
    let (whole, killed) = (Sample::new(1, States::ALL), Sample::new(2, States::ALL));
    whole.keep(&store);
    killed.keep_beginning(&store, killed.findings.len() / 2);
    let line = format!("diff {} {} --format json", whole.id(), killed.id());
    let output = run(&store, &line);
    let json: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(json["diff"]["new"]["complete"], false);
    let notes = json["diff"]["new"]["notes"].as_array().expect("notes");
    assert!(notes.iter().any(|note| note["note"] == "cut"), "{notes:?}");
}

#[test]
fn a_name_that_is_none_is_refused_with_what_to_do() {
    let (directory, store) = place();
    Sample::new(1, States::OPEN).keep(&store);
    Sample::new(2, States::OPEN).keep(&store);
    let file = file_with("ip,port\n".repeat(99));
    let beginning = &Sample::new(1, States::OPEN).id()[..6].to_owned();
    for (arguments, says) in [
        (
            format!("diff {beginning} x.jsonl"),
            &["OLD", "more than one scan", "write more"][..],
        ),
        (
            "diff 7ZZZZZ x.jsonl".to_owned(),
            &["OLD '7ZZZZZ' is no file", "no scan '7ZZZZZ'", "history"],
        ),
        (
            "diff ABCDEF x.jsonl".to_owned(),
            &["OLD 'ABCDEF' is no file", "no name", "history"],
        ),
        (
            "diff 12345 x.jsonl".to_owned(),
            &["OLD '12345' is no file", "no name"],
        ),
        ("show 7ZZZZZ".to_owned(), &["no scan '7ZZZZZ'", "history"]),
        (format!("show {beginning}"), &["more than one scan"]),
        (
            "show --store /no/such/file.db".to_owned(),
            &["/no/such/file.db", "no such file"],
        ),
        (
            "history --store /no/such/file.db".to_owned(),
            &["/no/such/file.db", "no such file"],
        ),
        (
            format!("history --store {}", path(file.path())),
            &["not a store"],
        ),
        (
            format!("history --store {}", path(directory.path())),
            &[path(directory.path())],
        ),
    ] {
        must_refuse(&run(&store, &arguments), says);
    }
}

#[test]
fn with_a_store_that_is_none_nothing_is_read() {
    let none = Path::new("none");
    for (line, says) in [
        ("history", "PICAPORTE_STORE none"),
        ("show", "PICAPORTE_STORE none"),
        ("show 01JGFJJZ00000000000000SCAN", "PICAPORTE_STORE none"),
        (
            "diff 01JGFJJZ00000000000000SCAN x.jsonl",
            "PICAPORTE_STORE says none",
        ),
        ("history --store none", "--store none"),
        ("diff 01JGFJ x.jsonl --store none", "--store says none"),
    ] {
        must_refuse(&run(none, line), &[says, "--store FILE"]);
    }
    must_refuse(
        &run(Path::new(""), "history"),
        &["PICAPORTE_STORE", "empty"],
    );
}

/// A scan once emptied the store and wrote its report there.
#[test]
fn a_report_is_never_written_over_the_store() {
    let folder = tempfile::tempdir().expect("a folder");
    let store = folder.path().join("scans.jsonl");
    let told = |words: &[&str]| {
        let mut command = program(words);
        let output = command
            .env("PICAPORTE_STORE", &store)
            .output()
            .expect("runs");
        (output.status.code(), text(&output.stderr).to_owned())
    };
    let file = store.to_str().expect("text");
    for there in [false, true] {
        let (code, said) = told(&["scan", "127.0.0.1", "-p", "9", "-o", file, "--dry-run"]);
        assert_eq!(code, Some(2), "{there}: {said}");
        assert!(said.contains("is the same file as --store"), "{said}");
        std::fs::write(&store, "").expect("written");
    }
}
