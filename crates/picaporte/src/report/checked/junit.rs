//! Answers as `JUnit` XML, as CI servers read it: a test for each rule. A violated rule is a failure; one that can't be told is an
//! error, which is what the format calls a test that could not be carried out, so that nobody takes it for passed.

use picaporte_check::{Answer, Ruled};
use quick_junit::{NonSuccessKind, Property, Report, TestCase, TestCaseStatus, TestSuite};

use super::super::changes::words as changes;
use super::hint::hint;
use super::words::Manner;
use super::{Checked, encode, words};
use crate::report::Lang;

pub(super) fn write(checked: &Checked<'_>, out: &mut Vec<u8>) {
    let mut suite = TestSuite::new(xml(checked.file));
    for (name, value) in properties(checked) {
        suite.add_property(Property::new(name, xml(&value)));
    }
    for rule in &checked.answers.rules {
        suite.add_test_case(test(rule, checked));
    }
    let notes = notes(checked);
    if !notes.is_empty() {
        suite.set_system_out(notes.join("\n"));
    }
    let mut report = Report::new("picaporte check");
    report.add_test_suite(suite);
    report
        .serialize(&mut *out)
        .expect("a report of texts that XML can hold, written to memory");
}

/// Encoded before it is handed over: what is left out in silence there is written out here.
fn xml(text: &str) -> String {
    encode::xml(text)
}

fn properties(checked: &Checked<'_>) -> Vec<(&'static str, String)> {
    let side = checked.side();
    let mut all = vec![
        ("picaporte", checked.version.to_owned()),
        ("policy.sha256", checked.sha256.to_owned()),
        ("scan", side.file.to_owned()),
        ("scan.about", changes::scan(Lang::En, side.about)),
        ("date", checked.answers.today.to_string()),
    ];
    let policy = checked.policy;
    for (name, value) in [
        ("policy.title", &policy.title),
        ("policy.owner", &policy.owner),
    ] {
        all.extend(value.clone().map(|value| (name, value)));
    }
    all
}

fn test(rule: &Ruled<'_>, checked: &Checked<'_>) -> TestCase {
    let mut status = match rule.answer {
        Answer::Holds => TestCaseStatus::success(),
        Answer::CannotTell => TestCaseStatus::non_success(NonSuccessKind::Error),
        Answer::Violated => TestCaseStatus::non_success(NonSuccessKind::Failure),
    };
    let lines = words::lines(Manner::PLAIN, rule, checked);
    if let Some((_, first)) = lines.first() {
        let message = match lines.len() {
            1 => first.clone(),
            n => format!("{first}; and {} more", n - 1),
        };
        status.set_message(xml(&message));
        status.set_type(rule.answer.name());
        status.set_description(description(rule, &lines, checked));
    }
    let mut test = TestCase::new(xml(words::name(checked, rule.which)), status);
    test.set_classname(xml(checked.file));
    test
}

fn description(rule: &Ruled<'_>, lines: &[(Answer, String)], checked: &Checked<'_>) -> String {
    let place = words::at(checked, words::place(checked, rule.which));
    let mut all = vec![
        xml(&place),
        xml(words::reason(Lang::En, checked, rule.which)),
    ];
    let line = |(answer, says): &(Answer, String)| {
        format!("{}: {}", words::answer(Lang::En, *answer, 1), xml(says))
    };
    all.extend(lines.iter().map(line));
    all.join("\n")
}

/// What is to be known beside the rules, a line each.
fn notes(checked: &Checked<'_>) -> Vec<String> {
    let answers = checked.answers;
    let exceptions = answers.exceptions.iter().map(|excepted| {
        let exception = &checked.policy.exceptions[excepted.exception];
        let became = words::exception(Manner::PLAIN, exception, excepted, answers.today);
        format!("exception {}: {became}", exception.name)
    });
    let contradictions = answers.contradictions.iter();
    let contradictions = contradictions.map(|c| words::contradiction(Manner::PLAIN, c, checked));
    let warnings = checked
        .warnings()
        .into_iter()
        .map(|wrong| wrong.to_string());
    let scan = changes::notes(Lang::En, &checked.side()).into_iter();
    let hint = hint(Lang::En, checked).map(str::to_owned);
    let all = exceptions.chain(contradictions).chain(warnings).chain(scan);
    let all = all.chain(hint);
    all.map(|note| xml(&note)).collect()
}
