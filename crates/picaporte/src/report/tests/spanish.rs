//! What a person reads in Spanish, and that what a program reads is the same in each language.

use picaporte_core::verdict::States;

use super::super::{Lang, Style};
use super::{Format, firewalls, sample, scope, ways, written};
use crate::words::english;

fn spanish() -> Style {
    Style {
        lang: Lang::Es,
        ..Style::default()
    }
}

/// The text, which fits 80 columns but for single words that are longer.
fn fits(text: String) -> String {
    for line in text.lines() {
        assert!(line.chars().count() <= 80, "{line}");
    }
    text
}

#[test]
fn a_table_of_open_ports() {
    let sample = sample::interrupted(States::OPEN);
    insta::assert_snapshot!(fits(written(&sample, Format::Table, spanish())));
}

#[test]
fn a_table_of_everything() {
    let sample = sample::interrupted(States::ALL);
    insta::assert_snapshot!(fits(written(&sample, Format::Table, spanish())));
}

#[test]
fn a_table_of_firewalls() {
    let mut sample = firewalls::four();
    sample
        .findings
        .retain(|finding| !matches!(finding, picaporte_engine::Finding::Port(_)));
    insta::assert_snapshot!(fits(written(&sample, Format::Table, spanish())));
}

#[test]
fn a_table_of_a_scope() {
    insta::assert_snapshot!(fits(written(&scope::sample(), Format::Table, spanish())));
}

#[test]
fn ways_are_drawn() {
    insta::assert_snapshot!(fits(ways::told(Format::Table, spanish())));
}

#[test]
fn a_document() {
    let sample = sample::interrupted(States::ALL);
    insta::assert_snapshot!(written(&sample, Format::Markdown, spanish()));
}

#[test]
fn what_programs_read_is_the_same_in_each_language() {
    let people = [Format::Table, Format::Markdown, Format::Html];
    for format in Format::ALL.into_iter().filter(|f| !people.contains(f)) {
        let english = ways::told(format, Style::default());
        assert_eq!(ways::told(format, spanish()), english, "{format:?}");
    }
}

/// Words that are English and nothing else: none of them is left.
#[test]
fn no_english_is_left() {
    let told = [
        written(&sample::interrupted(States::ALL), Format::Table, spanish()),
        written(
            &sample::interrupted(States::ALL),
            Format::Markdown,
            spanish(),
        ),
        written(&scope::sample(), Format::Table, spanish()),
        ways::told(Format::Table, spanish()),
        ways::told(Format::Markdown, spanish()),
    ];
    for text in told {
        // Who allowed it wrote in English.
        let text = text.replace("the CISO", "");
        assert_eq!(english::left(&text), None, "{text}");
        for word in text.split(|c: char| !c.is_alphabetic() && c != '-' && c != '_') {
            // Of what stands in a table names of options, states and formats are translated too.
            let names = [
                "open",
                "closed",
                "filtered",
                "untested",
                "attempts",
                "away",
                "hop",
                "hops",
                "firewall",
                "planned",
                "suspect",
                "confirmed",
            ];
            assert!(!names.contains(&word), "{word}: {text}");
        }
    }
}
