//! Turns results into text: tables of at most 100 columns for a terminal, Markdown for BENCHMARKS.md. It measures
//! nothing.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::Result;
use picaporte_lab::page::Marks;

use crate::goals::{self, Verdict};
use crate::machine::Machine;
use crate::measure::{RowResult, Series};

/// Where the tables stand in the page.
pub(crate) const MARKS: Marks = Marks("bench");
const HEADS: [&str; 8] = [
    "program",
    "runs",
    "median s",
    "min–max s",
    "probes/s",
    "time ratio",
    "open",
    "peak MiB",
];
const NOTE: &str = "Time ratio: picaporte's median time divided by this program's. Times are wall clock from start to end of \
the process. Peak memory is the largest of all runs.";
const REPEAT: &str = "Repeat with `cargo build --release --workspace` and \
`target/release/picaporte-bench run --write BENCHMARKS.md`.";

/// The machine, for a terminal.
pub(crate) fn machine_text(machine: &Machine) -> String {
    machine
        .0
        .iter()
        .fold(String::new(), |mut text, (name, value)| {
            let _ = writeln!(text, "{name:<12} {value}");
            text
        })
}

/// One row, for a terminal.
pub(crate) fn row_text(result: &RowResult) -> String {
    let rows: Vec<[String; 8]> = result
        .series
        .iter()
        .map(|series| cells(series, result))
        .collect();
    let mut text = format!("{}\n", result.row.title());
    for row in std::iter::once(&HEADS.map(str::to_owned)).chain(&rows) {
        let [program, runs, median, range, rate, ratio, open, peak] = row;
        let _ = writeln!(
            text,
            "{program:<24} {runs:>4} {median:>8} {range:>15} {rate:>9} {ratio:>10} {open:>8} {peak:>8}"
        );
    }
    for fault in faults(result) {
        let _ = writeln!(text, "  {fault}");
    }
    text
}

/// The goals, for a terminal.
pub(crate) fn goals_text(verdicts: &[Verdict]) -> String {
    let mut text = String::from("goals\n");
    for Verdict {
        row,
        goal,
        seen,
        met,
    } in verdicts
    {
        let met = if *met { "met" } else { "NOT MET" };
        let _ = writeln!(
            text,
            "  {met:<8} {goal} · seen: {seen}\n           ({})",
            row.title()
        );
    }
    text
}

/// Puts the tables between the marks of `file`.
///
/// # Errors
/// When the file can't be read or written, or has no marks.
pub(crate) fn write(
    file: &Path,
    machine: &Machine,
    results: &[RowResult],
    core: &str,
) -> Result<()> {
    Ok(MARKS.write(file, &markdown(machine, results, core))?)
}

fn markdown(machine: &Machine, results: &[RowResult], core: &str) -> String {
    let mut text = String::from("| machine | |\n| --- | --- |\n");
    for (name, value) in &machine.0 {
        let _ = writeln!(text, "| {name} | {} |", escaped(value));
    }
    let _ = writeln!(text, "\n{NOTE} {REPEAT}");
    for result in results {
        let _ = write!(
            text,
            "\n### {}\n\n{}",
            result.row.title(),
            row_markdown(result)
        );
    }
    text.push_str(core);
    text.push_str("\n### Goals\n\n");
    text.push_str(&goals_markdown(&goals::judge(results)));
    text
}

/// The goals, for BENCHMARKS.md.
pub(crate) fn goals_markdown(verdicts: &[Verdict]) -> String {
    let mut text = String::from("| work | goal | seen | |\n| --- | --- | --- | --- |\n");
    for Verdict {
        row,
        goal,
        seen,
        met,
    } in verdicts
    {
        let met = if *met { "met" } else { "**not met**" };
        let _ = writeln!(text, "| {} | {goal} | {seen} | {met} |", row.title());
    }
    text
}

/// One row, for BENCHMARKS.md.
pub(crate) fn row_markdown(result: &RowResult) -> String {
    let mut text = format!(
        "| {} |\n| --- | --: | --: | --: | --: | --: | --: | --: |\n",
        HEADS.join(" | ")
    );
    for series in &result.series {
        let _ = writeln!(text, "| {} |", cells(series, result).join(" | "));
    }
    let faults = faults(result);
    if !faults.is_empty() {
        text.push('\n');
    }
    for fault in faults {
        let _ = writeln!(text, "- {}", escaped(&fault));
    }
    text
}

fn cells(series: &Series, result: &RowResult) -> [String; 8] {
    let or_dash = |cell: Option<String>| cell.unwrap_or_else(|| "-".to_owned());
    let ratio = goals::time_ratio(result, series.program).map(|ratio| format!("{ratio:.3}"));
    [
        series.program.name().to_owned(),
        series.samples.len().to_string(),
        or_dash(series.median().map(|s| format!("{s:.3}"))),
        or_dash(
            series
                .range()
                .map(|(min, max)| format!("{min:.3}–{max:.3}")),
        ),
        or_dash(series.rate(result.row).map(|rate| format!("{rate:.0}"))),
        or_dash(ratio),
        or_dash(
            series
                .open()
                .map(|(fewest, most)| found(fewest, most, result.row.open())),
        ),
        or_dash(
            series
                .peak_kib()
                .map(|kib| format!("{:.1}", kib as f64 / 1024.0)),
        ),
    ]
}

fn found(fewest: u64, most: u64, there: u64) -> String {
    match (fewest == most, fewest == there && most == there) {
        (_, true) => there.to_string(),
        (true, _) => format!("{most}/{there}"),
        (false, _) => format!("{fewest}–{most}/{there}"),
    }
}

/// One line for each kind of fault of each program, with how often it was seen.
fn faults(result: &RowResult) -> Vec<String> {
    let mut lines = Vec::new();
    for series in &result.series {
        let mut seen: Vec<(&str, usize)> = Vec::new();
        for fault in series
            .samples
            .iter()
            .filter_map(|s| s.reading.fault.as_deref())
        {
            match seen.iter_mut().find(|(known, _)| *known == fault) {
                Some((_, times)) => *times += 1,
                None => seen.push((fault, 1)),
            }
        }
        let (name, runs) = (series.program.name(), series.samples.len());
        lines.extend(
            seen.iter()
                .map(|(fault, times)| format!("{name}: {fault} ({times} of {runs} runs)")),
        );
    }
    lines
}

/// What a program printed on standard error may end up in the page.
fn escaped(text: &str) -> String {
    text.chars()
        .flat_map(|c| {
            ['\\', '|', '<', '`', '*', '[', '_']
                .contains(&c)
                .then_some('\\')
                .into_iter()
                .chain([c])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shortfall_shows() {
        assert_eq!(found(501, 501, 501), "501");
        assert_eq!(found(496, 496, 501), "496/501");
        assert_eq!(found(496, 501, 501), "496–501/501");
        assert_eq!(found(1, 1, 0), "1/0");
    }
}
