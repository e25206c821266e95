//! Turns what was seen into text: a few lines a world for a terminal, one table in Markdown for the page.

use std::fmt::Write as _;

use picaporte_core::Duration;
use picaporte_core::verdict::State;

use super::bound::lower_bound;
use super::goals::{Met, no_false_open_or_closed};
use super::play::Seen;
use super::worlds::Row;

const HEADS: [&str; 14] = [
    "world",
    "seeds",
    "open ports",
    "found",
    "recall",
    "lower 95 % bound",
    "false open",
    "false closed",
    "false filtered",
    "untested",
    "refused by the table",
    "SYNs per closed / silent port",
    "time, median (slowest)",
    "goals",
];
const REPEAT: &str = "Repeat with `cargo build --release -p picaporte-bench` and \
`target/release/picaporte-bench accuracy --write docs/accuracy.md --plots docs`. Times are virtual.";

/// One world, for a terminal.
pub(crate) fn text(row: &Row, seen: &Seen) -> String {
    let [
        name,
        seeds,
        open,
        found,
        recall,
        bound,
        opened,
        closed,
        filtered,
        rest,
        table,
        syns,
        time,
        _,
    ] = cells(row, seen);
    let mut text = format!("{name}\n  {seeds} seeds, {open} open, {found} found: {recall}");
    if seen.recall().is_some() {
        let _ = write!(text, " (at least {bound})");
    }
    let _ = writeln!(
        text,
        "\n  false open {opened}, closed {closed}, filtered {filtered}; untested {rest}"
    );
    if row.work.world.nat.is_some() {
        let _ = writeln!(text, "  refused by the table: {table}");
    }
    let _ = writeln!(text, "  SYNs per closed / silent port {syns}; time {time}");
    text.push_str(&faults(seen));
    for (goal, met) in verdicts(row, seen) {
        let _ = writeln!(text, "  {:<8} {goal}", met.text());
    }
    text
}

/// Which seeds to look at, so that a fault can be replayed.
fn faults(seen: &Seen) -> String {
    let at_fault = seen
        .runs
        .iter()
        .filter(|run| run.missed + run.false_filtered > 0);
    let seeds: Vec<String> = at_fault
        .map(|run| format!("{} ({}/{})", run.seed, run.missed, run.false_filtered))
        .collect();
    let mut text = String::new();
    if !seeds.is_empty() {
        let _ = writeln!(
            text,
            "  seeds (missed/falsely filtered): {}",
            seeds.join(", ")
        );
    }
    if let Some(slowest) = seen.runs.iter().max_by_key(|run| run.elapsed)
        && slowest.elapsed > seen.median().times(2)
    {
        let _ = writeln!(text, "  slowest seed: {}", slowest.seed);
    }
    text
}

/// The table of all worlds.
pub(crate) fn markdown(results: &[(Row, Seen)]) -> String {
    let mut text = format!("{REPEAT}\n\n| {} |\n| --- |", HEADS.join(" | "));
    text.push_str(&" --: |".repeat(HEADS.len() - 2));
    text.push_str(" --- |\n");
    for (row, seen) in results {
        let _ = writeln!(text, "| {} |", cells(row, seen).join(" | "));
    }
    text
}

fn cells(row: &Row, seen: &Seen) -> [String; 14] {
    let dash = || "–".to_owned();
    let bound = lower_bound(seen.open.ports, seen.missed());
    let each = |kind: Option<f64>| kind.map_or_else(dash, |syns| format!("{syns:.3}"));
    let goals = verdicts(row, seen).into_iter().map(|(goal, met)| {
        let met = match met {
            Met::No => "**NOT MET**",
            met => met.text(),
        };
        format!("{goal}: {met}")
    });
    [
        row.name.to_owned(),
        seen.runs.len().to_string(),
        grouped(seen.open.ports),
        grouped(seen.found),
        seen.recall().map_or_else(dash, percent),
        seen.recall().map_or_else(dash, |_| percent(bound)),
        grouped(seen.false_open),
        grouped(seen.false_closed),
        grouped(seen.false_filtered),
        untested(seen),
        row.work.world.nat.map_or_else(dash, |_| refused(seen)),
        format!(
            "{} / {}",
            each(seen.closed.each()),
            each(seen.silent.each())
        ),
        format!("{} ({})", seconds(seen.median()), seconds(seen.slowest())),
        goals.collect::<Vec<_>>().join("<br>"),
    ]
}

/// The world's own goals, then those of all.
fn verdicts(row: &Row, seen: &Seen) -> Vec<(String, Met)> {
    let own = row.goals.iter().map(|goal| (goal.text(), goal.judge(seen)));
    let all = ("none falsely open or closed", no_false_open_or_closed(seen));
    own.chain([(all.0.to_owned(), all.1)]).collect()
}

/// By reason.
fn untested(seen: &Seen) -> String {
    let mut parts: Vec<String> = seen
        .untested
        .iter()
        .filter(|(reason, _)| reason.state() == State::Untested)
        .map(|(reason, n)| format!("{} {}", reason.name(), grouped(n)))
        .collect();
    if seen.unreported > 0 {
        parts.push(format!("not reached {}", grouped(seen.unreported)));
    }
    if parts.is_empty() {
        parts.push("0".to_owned());
    }
    parts.join(", ")
}

/// What found the connection table full.
fn refused(seen: &Seen) -> String {
    format!(
        "{} SYNs; of others {} of {}",
        grouped(seen.table_refused),
        grouped(seen.others_refused),
        grouped(seen.others)
    )
}

/// Rounded down: a recall is never shown as more than it is.
pub(crate) fn percent(share: f64) -> String {
    if share >= 1.0 {
        return "100 %".to_owned();
    }
    format!("{:.5} %", (share * 1e7).floor() / 1e5)
}

fn seconds(time: Duration) -> String {
    format!("{:.2} s", time.as_secs_f64())
}

/// With a comma between thousands.
pub(crate) fn grouped(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (i, digit) in digits.chars().enumerate() {
        if i > 0 && (digits.len() - i).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
