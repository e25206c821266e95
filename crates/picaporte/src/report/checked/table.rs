//! Answers for a person, in 80 columns: each rule with what does not hold of it, then exceptions, counts, and what they come to.

use std::fmt::Write as _;

use picaporte_check::{Answer, Ruled};
use picaporte_core::State;

use super::super::changes::words as changes;
use super::super::table::paint::Paint;
use super::super::table::text::{columns, wrap};
use super::hint::hint;
use super::words::Manner;
use super::{Checked, Style, words};
use crate::report::Lang;

/// Where an answer ends and the rule begins: after the longest answer.
const LABELS: usize = 12;
/// Up to how many findings of a rule are told.
const LINES: usize = 24;
/// Where the first lines' labels end.
const fn heads(lang: Lang) -> usize {
    match lang {
        Lang::En => 8,
        Lang::Es => 10,
    }
}

pub(super) fn write(checked: &Checked<'_>, style: Style, out: &mut Vec<u8>) {
    let (lang, mut text) = (style.lang, String::new());
    head(checked, style, &mut text);
    for rule in &checked.answers.rules {
        ruled(rule, checked, style, &mut text);
    }
    exceptions(checked, style, &mut text);
    for contradiction in &checked.answers.contradictions {
        let says = words::contradiction(manner(style), contradiction, checked);
        labelled(lang.either("note", "nota"), LABELS, &says, style, &mut text);
        text.push('\n');
    }
    totals(checked, style, &mut text);
    out.extend(text.as_bytes());
}

fn manner(style: Style) -> Manner {
    Manner::terminal(style.lang)
}

/// A text beside its label, wrapped.
fn labelled(label: &str, column: usize, says: &str, style: Style, text: &mut String) {
    let says = wrap(says, column, column, style.width.into());
    let pad = column.saturating_sub(columns(label)).max(1);
    let _ = writeln!(text, "{label}{:pad$}{says}", "");
}

fn head(checked: &Checked<'_>, style: Style, text: &mut String) {
    let (lang, policy) = (style.lang, checked.policy);
    let seen = |text: &str| manner(style).seen(text);
    let mut says = seen(checked.file);
    for (before, what) in [
        (": ", &policy.title),
        (lang.either(", of ", ", de "), &policy.owner),
    ] {
        if let Some(what) = what {
            let _ = write!(says, "{before}{}", seen(what));
        }
    }
    labelled(
        lang.either("policy", "política"),
        heads(lang),
        &says,
        style,
        text,
    );
    let side = checked.side();
    let says = format!("{}: {}", side.file, changes::scan(lang, side.about));
    labelled(
        lang.either("scan", "escaneo"),
        heads(lang),
        &seen(&says),
        style,
        text,
    );
    for note in changes::notes(lang, &side) {
        labelled("", heads(lang), &note, style, text);
    }
    text.push('\n');
}

fn ruled(rule: &Ruled<'_>, checked: &Checked<'_>, style: Style, text: &mut String) {
    let paint = Paint { color: style.color };
    let (lang, manner) = (style.lang, manner(style));
    let label = words::answer(lang, rule.answer, 1);
    let place = words::at(checked, words::place(checked, rule.which));
    let title = format!(
        "{} ({}): {}",
        manner.seen(words::name(checked, rule.which)),
        manner.seen(&place),
        words::extent(lang, rule)
    );
    let title = wrap(&title, LABELS, LABELS, style.width.into());
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
    let reason = manner.seen(words::reason(lang, checked, rule.which));
    labelled("", LABELS, &reason, style, text);
    let lines = words::lines(manner, rule, checked);
    let more = lines.len().saturating_sub(LINES);
    for (answer, says) in lines.into_iter().take(LINES) {
        let mark = match answer {
            Answer::Violated => "- ",
            _ => "? ",
        };
        let indent = LABELS + mark.len();
        let says = wrap(&says, indent, indent, style.width.into());
        let _ = writeln!(text, "{:LABELS$}{mark}{says}", "");
    }
    if more > 0 {
        let says = say!(
            lang,
            "… and {more} more like these; --format json has them all",
            "… y {more} más como estos; --format json los tiene todos",
            more = lang.number(more as u64)
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
    let (lang, manner) = (style.lang, manner(style));
    for excepted in &checked.answers.exceptions {
        let exception = &checked.policy.exceptions[excepted.exception];
        let label = if excepted.expired {
            lang.either("expired", "caducada")
        } else {
            lang.either("excepted", "exceptuado")
        };
        let (name, place) = (&exception.name, words::at(checked, exception.place));
        let (name, place) = (manner.seen(name), manner.seen(&place));
        let became = words::exception(manner, exception, excepted, checked.answers.today);
        let says = format!("{name} ({place}): {became}");
        labelled(label, LABELS, &says, style, text);
    }
    if !checked.answers.exceptions.is_empty() {
        text.push('\n');
    }
}

fn totals(checked: &Checked<'_>, style: Style, text: &mut String) {
    let (lang, answers) = (style.lang, checked.answers);
    let counts = answers.counts();
    let told = |of: &dyn Fn(Answer) -> u64, excepted: u64| {
        let answers = Answer::ALL.into_iter().rev();
        let some = answers
            .map(|answer| (of(answer), answer))
            .filter(|(n, _)| *n > 0);
        let mut each: Vec<_> = some
            .map(|(n, answer)| words::many(lang, n, answer))
            .collect();
        if excepted > 0 {
            each.push(words::excepted(lang, excepted));
        }
        each.join(", ")
    };
    let rules = told(&|answer| counts.of(answer), 0);
    labelled(
        lang.either("rules", "reglas"),
        heads(lang),
        &rules,
        style,
        text,
    );
    let all = answers.rules.iter().map(|rule| rule.ports);
    let ports = |answer| -> u64 { all.clone().map(|ports| ports.of(answer)).sum() };
    let mut ports = told(&ports, all.clone().map(|ports| ports.excepted).sum());
    if ports.is_empty() {
        lang.either("none", "ninguno").clone_into(&mut ports);
    }
    labelled(
        lang.either("ports", "puertos"),
        heads(lang),
        &ports,
        style,
        text,
    );
    let judgement = words::judgement(lang, answers.answer());
    let judgement = wrap(judgement, 0, 0, style.width.into());
    let _ = writeln!(text, "\n{judgement}");
    if let Some(hint) = hint(lang, checked) {
        let _ = writeln!(text, "{}", wrap(hint, 0, 0, style.width.into()));
    }
}
