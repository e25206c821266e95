//! The command `history`.

use std::path::Path;

use picaporte::States;
use serde_json::Value;

use super::sample::{Sample, place};
use super::{harmless, printed, run};
use crate::{must_refuse, path, program, text, words};

/// The names of the scans that are listed.
fn listed(store: &Path, line: &str) -> Vec<String> {
    let lines = printed(store, &format!("{line} --format jsonl"));
    let id = |line: &str| {
        let scan: Value = serde_json::from_str(line).expect("JSON");
        assert_eq!(scan["type"], "kept");
        scan["id"].as_str().expect("a name").to_owned()
    };
    lines.lines().map(id).collect()
}

#[test]
fn scans_are_listed_newest_first_and_filtered() {
    let (_directory, store) = place();
    let samples = [1, 2, 3].map(|n| Sample::new(n, States::OPEN));
    for sample in &samples {
        sample.keep(&store);
    }
    let ids = samples.each_ref().map(|sample| sample.id().to_owned());
    let [first, second, third] = &ids;
    assert_eq!(
        listed(&store, "history"),
        [third, second, first].map(Clone::clone)
    );
    assert_eq!(
        listed(&store, "history --limit 1"),
        std::slice::from_ref(third)
    );
    assert_eq!(listed(&store, "history --host 192.0.2.31").len(), 3);
    let open = samples[0]
        .findings
        .iter()
        .find_map(|finding| match finding {
            picaporte::Finding::Port(verdict) => Some((verdict.address, verdict.port)),
            _ => None,
        });
    let (address, port) = open.expect("an open port");
    let with = listed(&store, &format!("history --host {address} --open {port}"));
    assert!(with.contains(first), "{with:?}");
    for of_none in [
        "--host 192.0.2.32",
        "--host 2001:db8::1",
        "--open 41",
        "--since 2026-02-01",
    ] {
        let output = run(&store, &format!("history {of_none} --format json"));
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        assert_eq!(text(&output.stdout), "{\"scans\":[\n]}\n");
        assert_eq!(
            text(&output.stderr),
            "note: no scan that is kept is of this kind\n"
        );
    }
    let since = "history --since 2026-01-01T00:02:00Z";
    assert_eq!(listed(&store, since), [third, second].map(Clone::clone));
    assert_eq!(listed(&store, "history --since 2025-12-31").len(), 3);
}

#[test]
fn the_table_fits_80_columns_and_nothing_in_it_acts() {
    let (_directory, store) = place();
    Sample::new(1, States::OPEN).keep(&store);
    let running = Sample::new(2, States::ALL);
    running.keep_beginning(&store, running.findings.len() / 2);
    let table = printed(&store, "history");
    harmless(&table);
    insta::assert_snapshot!(table);
}

#[test]
fn where_nothing_was_ever_kept_there_is_nothing_to_list() {
    let home = tempfile::tempdir().expect("a directory");
    let at_home = |line: &str| {
        let mut command = program(&words(line));
        let command = command
            .env_remove("PICAPORTE_STORE")
            .env_remove("XDG_STATE_HOME");
        command.env("HOME", home.path()).output().expect("runs")
    };
    let output = at_home("history");
    assert_eq!((output.status.code(), text(&output.stdout)), (Some(0), ""));
    assert_eq!(text(&output.stderr), "note: no scan is kept yet\n");
    must_refuse(&at_home("show"), &["no scan is kept yet", "--store FILE"]);
    assert_eq!(
        home.path().read_dir().expect("it is there").count(),
        0,
        "reading makes nothing"
    );
    let usual = home.path().join(".local/state/picaporte/picaporte.db");
    Sample::new(1, States::OPEN).keep(&usual);
    assert_eq!(text(&at_home("history").stdout).lines().count(), 3);
}

#[test]
fn a_flag_goes_before_the_variable() {
    let (_directory, store) = place();
    Sample::new(1, States::OPEN).keep(&store);
    let line = format!("history --store {}", path(&store));
    let output = run(Path::new("/no/such/file.db"), &line);
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
}

#[test]
fn what_can_not_be_meant_is_refused() {
    let (_directory, store) = place();
    Sample::new(1, States::OPEN).keep(&store);
    for (line, says) in [
        (
            "history --host 192.0.2.0/24",
            &["--host '192.0.2.0/24'", "one address"][..],
        ),
        (
            "history --host www.example.org",
            &["--host 'www.example.org'", "one address"],
        ),
        (
            "history --host 192.0.2.7:22",
            &["--host '192.0.2.7:22'", "--open"],
        ),
        ("history --host 192.0.2.300", &["--host", "'192.0.2.300'"]),
        ("history --open 0", &["--open", "'0'"]),
        ("history --open 22,80", &["--open", "'22,80'", "one"]),
        (
            "history --since yesterday",
            &["--since", "'yesterday'", "7d"],
        ),
        ("history --limit 0", &["--limit", "'0'"]),
        ("history --format csv", &["--format", "'csv'", "jsonl"]),
        ("history 01JGFJ", &["01JGFJ"]),
    ] {
        must_refuse(&run(&store, line), says);
    }
}
