//! The command `show`: what was told once is told again.

use std::fs;

use picaporte::States;
use picaporte::report::Format;
use picaporte_store::Digest;
use serde_json::Value;

use super::sample::{HOSTILE, Sample, place};
use super::{harmless, printed, run};
use crate::{must_refuse, path, program, text, words};

/// Lines in an order of their own: a store keeps what one second brought as ports first, then hosts.
fn sorted(text: &str) -> Vec<&str> {
    let mut lines: Vec<_> = text.lines().collect();
    lines.sort_unstable();
    lines
}

fn kept(n: u64, show: States) -> (tempfile::TempDir, std::path::PathBuf, Sample, Digest) {
    let (directory, store) = place();
    let sample = Sample::new(n, show);
    let digest = sample.keep(&store);
    (directory, store, sample, digest)
}

#[test]
fn every_format_is_printed_again_as_the_scan_printed_it() {
    for show in [States::ALL, States::OPEN, States::NONE] {
        let (_directory, store, sample, digest) = kept(1, show);
        for format in Format::ALL {
            let line = format!("show {} --format {} --lang en", sample.id(), format.name());
            let (again, once) = (printed(&store, &line), sample.written(format, digest));
            if format == Format::Json {
                let findings = |text: &str| {
                    let document: Value = serde_json::from_str(text).expect("JSON");
                    let findings = document["findings"].as_array().expect("a list").iter();
                    let mut findings: Vec<_> = findings.map(ToString::to_string).collect();
                    findings.sort_unstable();
                    (findings, document["scan"].clone(), document["end"].clone())
                };
                assert_eq!(findings(&again), findings(&once));
            } else {
                assert_eq!(sorted(&again), sorted(&once), "{line}");
            }
            let divided = format == Format::Grepable;
            harmless(&if divided {
                again.replace('\t', " ")
            } else {
                again
            });
        }
    }
}

#[test]
fn a_page_is_in_the_language_that_is_asked_for_or_else_in_the_locales() {
    let (directory, store, _, _) = kept(1, States::OPEN);
    let page = directory.path().join("page.html");
    for (flag, locale, lang) in [
        ("--lang es", "en_GB.UTF-8", "es"),
        ("--lang en", "es_ES.UTF-8", "en"),
        ("", "es_MX.UTF-8", "es"),
        ("", "C.UTF-8", "en"),
    ] {
        let mut command = program(&words(&format!("show {flag} -o {}", path(&page))));
        command.env("PICAPORTE_STORE", &store).env("LC_ALL", locale);
        let output = command.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let page = fs::read_to_string(&page).expect("the page");
        let begins = format!("<!DOCTYPE html><html lang=\"{lang}\">");
        assert!(page.starts_with(&begins), "{flag} {locale}");
        assert!(page.ends_with("</html>\n"));
    }
    must_refuse(
        &run(&store, "show --lang fr"),
        &["--lang", "'fr'", "en or es"],
    );
}

#[test]
fn the_newest_is_shown_and_written_to_files() {
    let (directory, store, _, _) = kept(1, States::OPEN);
    let newest = Sample::new(2, States::OPEN);
    let digest = newest.keep(&store);
    let (jsonl, csv) = (
        directory.path().join("a.jsonl"),
        directory.path().join("a.csv"),
    );
    let line = format!("show -o {} -o {}", path(&jsonl), path(&csv));
    let table = printed(&store, &line);
    assert_eq!(table, newest.written(Format::Table, digest));
    assert!(
        table.ends_with(&format!("Kept as {}, SHA-256\n  {digest}\n", newest.id())),
        "{table}"
    );
    let written = fs::read_to_string(&jsonl).expect("the file");
    assert_eq!(
        sorted(&written),
        sorted(&newest.written(Format::JsonLines, digest))
    );
    let end: Value = serde_json::from_str(written.lines().last().expect("an end")).expect("JSON");
    assert_eq!(end["digest"], digest.to_string());
    assert!(
        fs::read_to_string(&csv)
            .expect("the file")
            .starts_with("ip,")
    );
}

#[test]
fn a_scan_that_was_killed_is_shown_as_far_as_it_was_kept() {
    let whole = Sample::new(1, States::ALL);
    for kept in [0, 1, whole.findings.len() / 3, whole.findings.len()] {
        let (_directory, store) = place();
        whole.keep_beginning(&store, kept);
        let output = run(&store, "show --format jsonl");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let note = text(&output.stderr);
        assert!(
            note.starts_with("note: the scan ") && note.contains("has not ended"),
            "{note}"
        );
        assert_eq!(note.lines().count(), 1);
        let lines = text(&output.stdout)
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        let lines: Vec<Value> = lines.collect();
        let sum = |field: &str| {
            let hosts = lines.iter().filter(|line| line["type"] == "host");
            hosts
                .map(|line| line[field].as_u64().expect("a count"))
                .sum::<u64>()
        };
        let ports = lines
            .iter()
            .filter(|line| line["type"] == "port" && line["ip"].is_string());
        let end = lines.last().expect("an end");
        assert_eq!(
            (&end["type"], &end["complete"]),
            (&"end".into(), &false.into())
        );
        let count = |field: &str| end[field].as_u64().expect("a count");
        // Every port that was told is in the account, and in a host's line.
        assert_eq!(ports.count() as u64, count("tested"));
        assert_eq!(count("planned"), count("tested") + count("untested"));
        assert_eq!(
            ["open", "closed", "filtered"].map(sum),
            ["open", "closed", "filtered"].map(count)
        );
    }
}

#[test]
fn notes_can_be_left_out() {
    let (_directory, store) = place();
    Sample::new(1, States::ALL).keep_beginning(&store, 9);
    printed(&store, "show -q");
}

#[test]
fn what_is_kept_is_verified_and_an_altered_scan_is_refused() {
    let (_directory, store, sample, digest) = kept(1, States::OPEN);
    let output = run(
        &store,
        &format!("show --verify {} --format hostport", sample.id()),
    );
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let note = text(&output.stderr);
    assert!(
        note.starts_with("note: verified: ") && note.contains(&digest.to_string()),
        "{note}"
    );
    // The name without an address stands in the plan, as text.
    let mut bytes = fs::read(&store).expect("the store");
    let place = bytes.windows(12).position(|text| text == b"nope.example");
    bytes[place.expect("the name is kept")] = b'm';
    fs::write(&store, bytes).expect("it can be written");
    let refused = run(&store, "show --verify");
    must_refuse(&refused, &[sample.id(), "was altered", "don't rely on it"]);
}

#[test]
fn a_plan_that_was_altered_is_refused_before_anything_is_written() {
    let (directory, store, sample, _) = kept(1, States::OPEN);
    let mut bytes = fs::read(&store).expect("the store");
    let from = b"192.0.2.0-192.0.2.31";
    let place = bytes.windows(from.len()).position(|text| text == from);
    let place = place.expect("the range is kept");
    bytes[place..place + 9].copy_from_slice(b"224.0.2.0");
    bytes[place + 10..place + 20].copy_from_slice(b"224.0.2.31");
    fs::write(&store, bytes).expect("it can be written");
    let file = directory.path().join("a.jsonl");
    let refused = run(&store, &format!("show -o {}", path(&file)));
    must_refuse(
        &refused,
        &[sample.id(), "its plan", "never scanned", "--verify"],
    );
    assert!(!file.exists());
}

#[test]
fn no_output_is_the_store_itself() {
    let (directory, _) = place();
    let store = directory.path().join("scans.jsonl");
    Sample::new(1, States::OPEN).keep(&store);
    let before = fs::read(&store).expect("the store");
    must_refuse(
        &run(&store, &format!("show -o {}", path(&store))),
        &["--output", "--store", "same file"],
    );
    must_refuse(
        &run(&store, "show -o scan.txt"),
        &["--output", "'scan.txt'"],
    );
    must_refuse(&run(&store, "show --format yaml"), &["--format", "'yaml'"]);
    assert_eq!(fs::read(&store).expect("the store"), before);
}

#[test]
fn what_people_called_things_is_harmless_everywhere() {
    let (_directory, store, _, _) = kept(1, States::ALL);
    for line in [
        "show",
        "show --format csv",
        "show --format jsonl",
        "history",
        "history --format jsonl",
    ] {
        let shown = printed(&store, line);
        harmless(&shown);
        assert!(!shown.contains(HOSTILE));
    }
}
