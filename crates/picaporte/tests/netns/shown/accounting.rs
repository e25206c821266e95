//! A scan that is interrupted accounts for every probe it planned, in every format.

use std::fs;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;
use serde_json::Value;

use crate::outcome::Outcome;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::Capture;
use crate::world::{TARGET_V4, World};

/// Ports of one host, all silent but these first hundred, of which the first is open.
const PLANNED: u64 = 60_000;
const RULES: &str = "tcp dport 1101-61000 drop;";

pub(super) fn trials() -> Vec<Trial> {
    let interrupted = |name: &str,
                       signal: Signal,
                       format: &'static str,
                       check: fn(&Outcome) -> Result<(), Failed>| {
        Trial::test(format!("accounting_{name}_in_{format}"), move || {
            interrupted(signal, format, check)
        })
    };
    vec![
        interrupted("ctrl_c", Signal::SIGINT, "jsonl", jsonl),
        interrupted("ctrl_c", Signal::SIGINT, "json", json),
        interrupted("ctrl_c", Signal::SIGINT, "csv", csv),
        interrupted("ctrl_c", Signal::SIGINT, "table", table),
        interrupted("ctrl_c", Signal::SIGINT, "xml", xml),
        interrupted("ctrl_c", Signal::SIGINT, "md", markdown),
        interrupted("ctrl_c", Signal::SIGINT, "masscan", masscan),
        interrupted("sigterm", Signal::SIGTERM, "jsonl", jsonl),
        interrupted("sighup", Signal::SIGHUP, "jsonl", jsonl),
        Trial::test("accounting_ctrl_c_twice_ends_at_once_with_130", twice),
        Trial::test("accounting_ctrl_c_is_kept_in_files_too", files),
        Trial::test(
            "accounting_max_time_leaves_the_rest_untested_time_limit",
            max_time,
        ),
    ]
}

fn world() -> Result<(World, Server), Failed> {
    let world = World::new()?;
    world.target.filter_input(RULES)?;
    let server = Server::start(&world.target, Manner::Banner, [1001])?;
    Ok((world, server))
}

fn big(world: &World, format: &str) -> Scan {
    Scan::in_format(&world.scanner, &TARGET_V4, format)
        .with("--show all -p 1001-61000 --rate 5000 --timeout 2s --attempts 2")
}

/// Sends the signal once the scan is well under way.
fn signalled(world: &World, scan: &Scan, signal: Signal) -> Result<Outcome, Failed> {
    let capture = Capture::start(&world.scanner)?;
    let running = scan.start()?;
    capture.wait_for_syns(2000)?;
    running.signal(signal)?;
    let outcome = running.wait()?;
    capture.finish()?;
    outcome.must_exit(130)?;
    Ok(outcome)
}

fn interrupted(
    signal: Signal,
    format: &str,
    check: fn(&Outcome) -> Result<(), Failed>,
) -> Result<(), Failed> {
    let (world, _server) = world()?;
    check(&signalled(&world, &big(&world, format), signal)?)
}

/// Planned, tested, untested: complete, and both of the parts there.
fn must_add_up(outcome: &Outcome, planned: u64, tested: u64, untested: u64) -> Result<(), Failed> {
    let told = format!("planned {planned}, tested {tested}, untested {untested}");
    outcome.must(
        planned == PLANNED && planned == tested + untested,
        format_args!("does not add up: {told}"),
    )?;
    outcome.must(untested > 0, format_args!("was not interrupted: {told}"))
}

fn jsonl(outcome: &Outcome) -> Result<(), Failed> {
    let report = outcome.report()?;
    let told = [
        &report.end["complete"],
        &report.hosts[0]["reasons"]["interrupted"],
    ];
    outcome.must(
        told == [&Value::Bool(false), &report.end["untested"]],
        "not all that is untested is `interrupted`",
    )?;
    outcome.must(
        report.ports.len() as u64 == PLANNED,
        "`--show all` lists not every port",
    )?;
    must_add_up(
        outcome,
        report.count("planned"),
        report.count("tested"),
        report.count("untested"),
    )
}

/// One document; the object that holds the counts is found wherever it stands.
fn json(outcome: &Outcome) -> Result<(), Failed> {
    let document: Value = serde_json::from_str(&outcome.stdout)
        .map_err(|e| outcome.fail(format_args!("not JSON: {e}")))?;
    let totals = totals(&document)
        .ok_or_else(|| outcome.fail("no object holds planned, tested and untested"))?;
    let count = |field: &str| totals[field].as_u64().unwrap_or(u64::MAX);
    must_add_up(
        outcome,
        count("planned"),
        count("tested"),
        count("untested"),
    )
}

fn totals(value: &Value) -> Option<&Value> {
    match value {
        Value::Object(map)
            if ["planned", "tested", "untested"]
                .iter()
                .all(|field| map.contains_key(*field)) =>
        {
            Some(value)
        }
        Value::Object(map) => map.values().find_map(totals),
        Value::Array(items) => items.iter().find_map(totals),
        _ => None,
    }
}

/// A row for every port under `--show all`.
fn csv(outcome: &Outcome) -> Result<(), Failed> {
    let mut rows = outcome
        .stdout
        .lines()
        .map(|row| row.split(',').collect::<Vec<_>>());
    let header = rows.next().unwrap_or_default();
    let column = header
        .iter()
        .position(|name| *name == "state")
        .ok_or_else(|| outcome.fail("no column `state`"))?;
    let states: Vec<&str> = rows.filter_map(|row| row.get(column).copied()).collect();
    let count = |state: &str| states.iter().filter(|seen| **seen == state).count() as u64;
    let tested = count("open") + count("closed") + count("filtered");
    must_add_up(outcome, states.len() as u64, tested, count("untested"))?;
    in_words(outcome, &outcome.stderr)
}

/// A whole document, which does not call it a success.
fn xml(outcome: &Outcome) -> Result<(), Failed> {
    let options = roxmltree::ParsingOptions {
        allow_dtd: true,
        ..roxmltree::ParsingOptions::default()
    };
    let document = roxmltree::Document::parse_with_options(&outcome.stdout, options);
    let document = document.map_err(|e| outcome.fail(format_args!("no XML: {e}")))?;
    let named = |name: &'static str| document.descendants().filter(move |n| n.has_tag_name(name));
    let untested = document
        .descendants()
        .find(|n| n.attribute("key") == Some("interrupted") && n.text() != Some("true"))
        .and_then(|n| n.text()?.parse().ok());
    let untested = untested.ok_or_else(|| outcome.fail("nothing is `interrupted`"))?;
    let tested = named("port").count() as u64;
    must_add_up(outcome, tested + untested, tested, untested)?;
    let ends = named("finished").next().and_then(|n| n.attribute("exit"));
    outcome.must(ends == Some("error"), "an interrupted scan is a success")
}

fn table(outcome: &Outcome) -> Result<(), Failed> {
    in_words(outcome, &format!("{}\n{}", outcome.stdout, outcome.stderr))
}

fn markdown(outcome: &Outcome) -> Result<(), Failed> {
    let last = outcome.stdout.lines().last().unwrap_or_default();
    outcome.must(
        last.starts_with("**Cut**: "),
        "the last line does not say that the scan was cut",
    )?;
    in_words(outcome, &outcome.stdout.replace('|', " "))
}

/// The list is closed, and holds the open port; standard error has the account.
fn masscan(outcome: &Outcome) -> Result<(), Failed> {
    let list: Vec<Value> = serde_json::from_str(&outcome.stdout)
        .map_err(|e| outcome.fail(format_args!("not a list: {e}")))?;
    let open: Vec<_> = list
        .iter()
        .map(|record| &record["ports"][0]["port"])
        .collect();
    outcome.must(
        open.len() <= 1 && open.iter().all(|port| **port == 1001),
        "the list holds more than the one open port",
    )?;
    in_words(outcome, &outcome.stderr)
}

/// A line for people that holds all three words has the number next to each.
fn in_words(outcome: &Outcome, text: &str) -> Result<(), Failed> {
    let totals = text.lines().find_map(|line| {
        let words: Vec<String> = line
            .split_whitespace()
            .map(|word| word.replace([',', ';', ':', '.', '(', ')'], ""))
            .collect();
        Some((
            beside(&words, "planned")?,
            beside(&words, "tested")?,
            beside(&words, "untested")?,
        ))
    });
    let (planned, tested, untested) =
        totals.ok_or_else(|| outcome.fail("no line tells planned, tested and untested"))?;
    must_add_up(outcome, planned, tested, untested)
}

/// The number before the word, or else after it.
fn beside(words: &[String], word: &str) -> Option<u64> {
    let at = words.iter().position(|seen| seen == word)?;
    let number = |index: Option<usize>| words.get(index?)?.parse().ok();
    number(at.checked_sub(1)).or_else(|| number(Some(at + 1)))
}

/// The second signal does not wait for anything.
fn twice() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let capture = Capture::start(&world.scanner)?;
    let running = big(&world, "jsonl").start()?;
    capture.wait_for_syns(2000)?;
    running.signal(Signal::SIGINT)?;
    running.signal(Signal::SIGINT)?;
    let outcome = running.wait()?;
    outcome.must_exit(130)
}

fn files() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let directory = tempfile::tempdir()?;
    let [lines, document, rows] =
        ["kept.jsonl", "kept.json", "kept.csv"].map(|name| directory.path().join(name));
    let outputs = format!(
        "-o {} -o {} -o {}",
        lines.display(),
        document.display(),
        rows.display()
    );
    let outcome = signalled(&world, &big(&world, "table").with(&outputs), Signal::SIGINT)?;
    let kept = |file| -> Result<Outcome, Failed> {
        let stdout = fs::read_to_string(file)?;
        Ok(Outcome {
            command: outcome.command.clone(),
            stderr: outcome.stderr.clone(),
            stdout,
            ..outcome
        })
    };
    jsonl(&kept(&lines)?)?;
    json(&kept(&document)?)?;
    csv(&kept(&rows)?)
}

fn max_time() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let outcome = big(&world, "jsonl").with("--max-time 2s").run()?;
    outcome.must_exit(3)?;
    let report = outcome.report()?;
    must_add_up(
        &outcome,
        report.count("planned"),
        report.count("tested"),
        report.count("untested"),
    )?;
    outcome.must(
        report.hosts[0]["reasons"]["time-limit"] == report.end["untested"],
        "not all that is untested is `time-limit`",
    )
}
