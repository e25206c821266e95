//! One table in Markdown from all outcomes: everything as it came out. It measures nothing.

use std::fmt::Write as _;

use super::{Comparison, Machine, Outcome};
use crate::record::End;
use crate::score::{Score, how_it_ended};
use crate::words::is_hidden;

const HEADS: [&str; 12] = [
    "scenario",
    "scanner",
    "open found",
    "false open",
    "false closed",
    "false filtered",
    "unaccounted",
    "untested",
    "SYNs a port",
    "median s",
    "peak MiB",
    "note",
];

/// Machine, table and explanation.
pub fn markdown(machine: &Machine, comparison: &Comparison<'_>, outcomes: &[Outcome]) -> String {
    let mut text = String::from("| machine | |\n| --- | --- |\n");
    for (name, value) in &machine.0 {
        let _ = writeln!(text, "| {} | {} |", escaped(name), escaped(value));
    }
    let _ = writeln!(
        text,
        "\n| {} |\n| --- | --- | {}--- |",
        HEADS.join(" | "),
        "--: | ".repeat(HEADS.len() - 3)
    );
    for (at, world) in comparison.worlds.iter().enumerate() {
        for (scanner_at, scanner) in comparison.scanners.iter().enumerate() {
            let of_row = |outcome: &&Outcome| (outcome.world, outcome.scanner) == (at, scanner_at);
            let outcomes: Vec<&Outcome> = outcomes.iter().filter(of_row).collect();
            let mut cells = vec![escaped(&world.scenario.name), escaped(&scanner.name)];
            cells.extend(figures(&outcomes));
            cells.push(notes(&outcomes));
            let _ = writeln!(text, "| {} |", cells.join(" | "));
        }
    }
    let _ = write!(text, "\n{}", explanation(comparison));
    text
}

fn explanation(comparison: &Comparison<'_>) -> String {
    let (rounds, first) = (comparison.rounds, comparison.seed);
    let last = first.wrapping_add(u64::from(rounds.saturating_sub(1)));
    let runs = match rounds {
        1 => format!("One run of each scanner in each world, seed {first}."),
        _ => format!(
            "{rounds} runs of each scanner in each world, seeds {first} to {last}; ports are summed over them."
        ),
    };
    let mut text = format!(
        "{runs} Open found: ports said to be open of those that are. False open: ports said to be open that are not; in \
         parentheses how many more there are where the wire shows an open port, because a box answers in another's name. \
         Unaccounted: ports of which nothing was said; untested: those that the scanner itself says it did not test. SYNs a \
         port: all SYNs that reached the wire, for each planned port. Time is the scanner's wall clock, the median of its \
         runs; peak memory the largest of all. –: not said by the scanner's format.\n"
    );
    let takes_part = |name| {
        comparison
            .scanners
            .iter()
            .any(|scanner| scanner.name == name)
    };
    if takes_part("nmap") {
        text.push_str("\nnmap scans one address family in a run: IPv6 only where all targets are IPv6, else IPv4 only.\n");
    }
    if takes_part("masscan") {
        text.push_str("\nmasscan sends raw SYNs past its own kernel, which answers each SYN-ACK with a RST; it takes no names as targets.\n");
    }
    text
}

/// The columns between scanner and note.
fn figures(outcomes: &[&Outcome]) -> [String; 9] {
    let scores: Vec<&Score> = outcomes
        .iter()
        .filter_map(|outcome| outcome.score.as_ref().ok())
        .collect();
    let sum = |get: fn(&Score) -> u64| scores.iter().map(|score| get(score)).sum::<u64>();
    let all = |get: fn(&Score) -> Option<u64>| {
        scores
            .iter()
            .map(|score| get(score))
            .sum::<Option<u64>>()
            .map_or("–".to_owned(), |sum| sum.to_string())
    };
    if scores.is_empty() {
        return [const { "–" }; 9].map(str::to_owned);
    }
    let answered = match sum(|score| score.false_open_answered) {
        0 => String::new(),
        some => format!(" ({some})"),
    };
    [
        format!("{}/{}", sum(|score| score.found), sum(|score| score.open)),
        format!("{}{answered}", sum(Score::invented)),
        all(|score| score.false_closed),
        all(|score| score.false_filtered),
        all(|score| score.unaccounted),
        if scores.iter().all(|score| score.unaccounted.is_none()) {
            "–".to_owned()
        } else {
            sum(|score| score.untested).to_string()
        },
        syns_a_port(&scores),
        median(scores.iter().filter_map(|score| score.elapsed_ms).collect()),
        peak(&scores),
    ]
}

fn syns_a_port(scores: &[&Score]) -> String {
    let syns: Option<u64> = scores.iter().map(|score| score.syns).sum();
    let planned: u64 = scores.iter().map(|score| score.planned).sum();
    syns.filter(|_| planned > 0).map_or("–".to_owned(), |syns| {
        format!("{:.2}", syns as f64 / planned as f64)
    })
}

fn median(mut times: Vec<u64>) -> String {
    times.sort_unstable();
    let (Some(low), Some(high)) = (
        times.get(times.len().saturating_sub(1) / 2),
        times.get(times.len() / 2),
    ) else {
        return "–".to_owned();
    };
    format!("{:.2}", (low + high) as f64 / 2e3)
}

fn peak(scores: &[&Score]) -> String {
    let peak = scores.iter().filter_map(|score| score.peak_kib).max();
    peak.map_or("–".to_owned(), |kib| {
        format!("{:.1}", kib as f64 / 1024.0)
    })
}

/// Each kind of note once, with how many of the runs it holds for.
fn notes(outcomes: &[&Outcome]) -> String {
    let mut seen: Vec<(String, usize)> = Vec::new();
    for note in outcomes.iter().flat_map(|outcome| notes_of(outcome)) {
        match seen.iter_mut().find(|(known, _)| *known == note) {
            Some((_, times)) => *times += 1,
            None => seen.push((note, 1)),
        }
    }
    let runs = outcomes.len();
    let each = |(note, times): (String, usize)| match (times, runs) {
        (_, 1) => note,
        _ => format!("{note} ({times} of {runs} runs)"),
    };
    seen.into_iter().map(each).collect::<Vec<_>>().join("; ")
}

fn notes_of(outcome: &Outcome) -> Vec<String> {
    let score = match &outcome.score {
        Ok(score) => score,
        Err(why) => return vec![format!("**failed**: {}", escaped(why))],
    };
    let mut notes = Vec::new();
    if score.lab_kept_up == Some(false) {
        notes.push("**the lab did not keep up**".to_owned());
    }
    match &score.end {
        Some(End::Bound) => notes.push("cut at the bound".to_owned()),
        Some(end) => notes.extend(how_it_ended(end).map(|how| {
            let why = outcome.last_words.as_deref().unwrap_or_default();
            let colon = if why.is_empty() { "" } else { ": " };
            format!("{}{colon}{}", escaped(&how), escaped(why))
        })),
        None => {}
    }
    if let Some(why) = score.cut.as_ref().filter(|_| score.end != Some(End::Bound)) {
        notes.push(format!("output cut off: {}", escaped(why)));
    }
    if score.outside > 0 {
        notes.push(format!(
            "gave {} ports a state that nobody asked for",
            score.outside
        ));
    }
    notes
}

/// What a scanner printed may end up in the page.
fn escaped(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '\\' | '|' | '<' | '`' | '*' | '[' | '_') {
            escaped.push('\\');
        }
        escaped.push(if is_hidden(c) { ' ' } else { c });
    }
    escaped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_cell_turns_the_text() {
        assert_eq!(escaped("a\u{202e}b\u{1b}|\n"), "a b \\| ");
    }
}
