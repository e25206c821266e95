//! Answers for a person, in 80 columns: each rule with what does not hold of it, then exceptions, counts, and what they come to.

use std::fmt::Write as _;

use picaporte_check::{Answer, Ruled};
use picaporte_core::State;

use super::super::changes::words as changes;
use super::super::table::text::{columns, number, wrap};
use super::super::table::words::Paint;
use super::{Checked, Style, encode, words};

/// Where an answer ends and the rule begins: after the longest answer.
const LABELS: usize = 12;
/// Up to how many findings of a rule are told.
const LINES: usize = 24;
/// Where the first lines' labels end.
const HEADS: usize = 8;

pub(super) fn write(checked: &Checked<'_>, style: Style, out: &mut Vec<u8>) {
    let mut text = String::new();
    head(checked, style, &mut text);
    for rule in &checked.answers.rules {
        ruled(rule, checked, style, &mut text);
    }
    exceptions(checked, style, &mut text);
    for contradiction in &checked.answers.contradictions {
        let says = words::contradiction(contradiction, checked);
        labelled("note", LABELS, &says, style, &mut text);
        text.push('\n');
    }
    totals(checked, style, &mut text);
    out.extend(text.as_bytes());
}

/// A text beside its label, encoded and wrapped.
fn labelled(label: &str, column: usize, says: &str, style: Style, text: &mut String) {
    let says = wrap(&encode::terminal(says), column, column, style.width.into());
    let pad = column.saturating_sub(columns(label)).max(1);
    let _ = writeln!(text, "{label}{:pad$}{says}", "");
}

fn head(checked: &Checked<'_>, style: Style, text: &mut String) {
    let policy = checked.policy;
    let mut says = checked.file.to_owned();
    for (before, what) in [(": ", &policy.title), (", of ", &policy.owner)] {
        if let Some(what) = what {
            let _ = write!(says, "{before}{what}");
        }
    }
    labelled("policy", HEADS, &says, style, text);
    let side = checked.side();
    let says = format!("{}: {}", side.file, changes::scan(side.about));
    labelled("scan", HEADS, &says, style, text);
    for note in changes::notes(&side) {
        labelled("", HEADS, &note, style, text);
    }
    text.push('\n');
}

fn ruled(rule: &Ruled<'_>, checked: &Checked<'_>, style: Style, text: &mut String) {
    let paint = Paint { color: style.color };
    let label = words::answer(rule.answer);
    let place = words::at(checked, words::place(checked, rule.which));
    let title = format!(
        "{} ({place}): {}",
        words::name(checked, rule.which),
        words::extent(rule)
    );
    let title = wrap(
        &encode::terminal(&title),
        LABELS,
        LABELS,
        style.width.into(),
    );
    let pad = LABELS - columns(label);
    let _ = writeln!(
        text,
        "{}{:pad$}{title}",
        paint.state(color(rule.answer), label),
        ""
    );
    if rule.answer == Answer::Holds {
        return;
    }
    labelled("", LABELS, words::reason(checked, rule.which), style, text);
    let lines = words::lines(rule, checked.scan);
    let more = lines.len().saturating_sub(LINES);
    for (answer, says) in lines.into_iter().take(LINES) {
        let mark = match answer {
            Answer::Violated => "- ",
            _ => "? ",
        };
        let indent = LABELS + mark.len();
        let says = wrap(&encode::terminal(&says), indent, indent, style.width.into());
        let _ = writeln!(text, "{:LABELS$}{mark}{says}", "");
    }
    if more > 0 {
        let says = format!(
            "… and {} more like these; --format json has them all",
            number(more as u64)
        );
        labelled("", LABELS, &says, style, text);
    }
    text.push('\n');
}

/// As the states are coloured that it usually comes from.
const fn color(answer: Answer) -> State {
    match answer {
        Answer::Holds => State::Open,
        Answer::CannotTell => State::Filtered,
        Answer::Violated => State::Closed,
    }
}

fn exceptions(checked: &Checked<'_>, style: Style, text: &mut String) {
    if !text.ends_with("\n\n") {
        text.push('\n');
    }
    for excepted in &checked.answers.exceptions {
        let exception = &checked.policy.exceptions[excepted.exception];
        let label = if excepted.expired {
            "expired"
        } else {
            "excepted"
        };
        let place = words::at(checked, exception.place);
        let became = words::exception(exception, excepted, checked.answers.today);
        let says = format!("{} ({place}): {became}", exception.name);
        labelled(label, LABELS, &says, style, text);
    }
    if !checked.answers.exceptions.is_empty() {
        text.push('\n');
    }
}

fn totals(checked: &Checked<'_>, style: Style, text: &mut String) {
    let answers = checked.answers;
    let counts = answers.counts();
    let told = |of: &dyn Fn(Answer) -> u64, excepted: u64| {
        let answers = Answer::ALL.into_iter().rev();
        let some = answers
            .map(|answer| (of(answer), answer))
            .filter(|(n, _)| *n > 0);
        let mut each: Vec<_> = some.map(|(n, answer)| words::many(n, answer)).collect();
        if excepted > 0 {
            each.push(format!("{} excepted", number(excepted)));
        }
        each.join(", ")
    };
    let rules = told(&|answer| counts.of(answer), 0);
    labelled("rules", HEADS, &rules, style, text);
    let all = answers.rules.iter().map(|rule| rule.ports);
    let ports = |answer| -> u64 { all.clone().map(|ports| ports.of(answer)).sum() };
    let mut ports = told(&ports, all.clone().map(|ports| ports.excepted).sum());
    if ports.is_empty() {
        "none".clone_into(&mut ports);
    }
    labelled("ports", HEADS, &ports, style, text);
    let judgement = wrap(words::judgement(answers.answer()), 0, 0, style.width.into());
    let _ = writeln!(text, "\n{judgement}");
}
