//! Both engines read what is written for them alike, and what a pattern needs is in every answer that it fits.

use proptest::prelude::*;

use super::super::parse::{self, Flags};
use super::super::write::Written;
use super::super::{Engine, Need, Tried, begins, compile, fancy};
use super::sample::{Dice, sample};

/// Pieces that any order makes a pattern of.
fn pattern(walks_back: bool) -> impl Strategy<Value = String> {
    let easy = prop_oneof![
        "[a-d]{1,4}",
        "[A-D\\. -]{1,2}".prop_map(|text| text.replace('.', "\\.")),
        "\\\\x[0-9a-f]{2}",
        prop::sample::select(vec![
            ".",
            r"\d",
            r"\W",
            r"\s",
            r"\b",
            "^",
            "$",
            "[^a-c]",
            "[[:upper:]x]",
            r"\r\n",
            r"\0"
        ])
        .prop_map(str::to_owned),
    ];
    let quantifier = prop::sample::select(vec!["", "*", "+?", "?", "{2}", "{1,3}"]);
    let hard = prop::sample::select(vec![
        "(?!b)", "(?=a)", "(?<=a)", "(?>a|ab)", "c++", r"(a)\1",
    ]);
    easy.prop_recursive(3, 12, 4, move |inner| {
        let row = prop::collection::vec(inner.clone(), 1..4).prop_map(|row| row.concat());
        let either = prop::collection::vec(inner.clone(), 2..4)
            .prop_map(|all| format!("({})", all.join("|")));
        let repeated =
            (inner, quantifier.clone()).prop_map(|(what, count)| format!("(?:{what}){count}"));
        let hard = if walks_back {
            hard.clone().boxed()
        } else {
            Just("").boxed()
        };
        prop_oneof![row, either, repeated, hard.prop_map(str::to_owned)]
    })
}

fn answers(node: &super::super::tree::Node, seed: u64, noise: &[u8]) -> Vec<Vec<u8>> {
    let mut dice = Dice::new(seed);
    let mut all: Vec<Vec<u8>> = (0..6).map(|_| sample(node, &mut dice)).collect();
    let behind: Vec<u8> = [&all[0][..], noise].concat();
    let before: Vec<u8> = [noise, &all[0][..]].concat();
    all.extend([behind, before, noise.to_vec()]);
    all
}

proptest! {
    #[test]
    fn both_engines_read_alike(text in pattern(false), letters in 0..4_u8, seed: u64, noise in prop::collection::vec(any::<u8>(), 0..40)) {
        let flags = Flags { fold: letters & 1 > 0, dot_all: letters & 2 > 0, ..Flags::default() };
        let node = parse::parse(text.as_bytes(), flags).expect("a pattern");
        let written = Written::of(&node);
        prop_assume!(!written.fancy);
        let plain = compile(text.as_bytes(), flags).expect("a pattern");
        // A look around that always holds makes it walk back.
        let fancy = Engine::Fancy(Box::new(fancy(format!("(?=)(?:{})", written.text)).expect("a pattern")));
        for answer in answers(&node, seed, &noise) {
            let whether = |engine: &Engine| matches!(engine.try_on(&answer), Tried::Fits(_));
            prop_assert_eq!(whether(&plain), whether(&fancy), "{:?} {:?}", &text, &answer);
        }
    }

    #[test]
    fn what_a_pattern_needs_is_in_every_answer_that_it_fits(text in pattern(true), letters in 0..4_u8, seed: u64, noise in prop::collection::vec(any::<u8>(), 0..40)) {
        let flags = Flags { fold: letters & 1 > 0, dot_all: letters & 2 > 0, ..Flags::default() };
        let node = parse::parse(text.as_bytes(), flags).expect("a pattern");
        let need = Need::of(&node);
        let engine = compile(text.as_bytes(), flags).expect("a pattern");
        for answer in answers(&node, seed, &noise) {
            if matches!(engine.try_on(&answer), Tried::Fits(_)) {
                let low = answer.to_ascii_lowercase();
                let there = |run: &Vec<u8>| low.windows(run.len()).any(|part| part == run);
                prop_assert!(begins(&answer, &need.head) && need.runs.iter().all(there), "{:?} {:?} {:?}", &text, need, answer);
            }
        }
    }

    #[test]
    fn any_bytes_as_a_pattern_are_compiled_or_refused(text in prop::collection::vec(any::<u8>(), 0..60), answer in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(engine) = compile(&text, Flags::default()) {
            let _ = engine.try_on(&answer);
        }
    }

    #[test]
    fn whatever_looks_like_a_pattern_is_compiled_or_refused(text in r"[a-c\\(\[\])?*+|^$.{},0-9:<>=!\-PQEx]{0,40}", answer in "[a-c\n]{0,40}") {
        match compile(text.as_bytes(), Flags::default()) {
            Ok(engine) => {
                let _ = engine.try_on(answer.as_bytes());
            }
            // What the parser takes is no trouble to an engine.
            Err(why) => prop_assert!(!why.starts_with("fancy-regex"), "{text:?}"),
        }
    }
}

#[test]
fn every_byte_is_itself_and_no_other_on_either_engine() {
    let all: Vec<u8> = (0..=255).collect();
    for byte in 0..=255_u8 {
        for before in ["", "(?=.)"] {
            for inner in [format!(r"\x{byte:02x}"), format!(r"[\x{byte:02x}]")] {
                let text = format!("(?s){before}({inner})");
                let engine = compile(text.as_bytes(), Flags::default()).expect("a pattern");
                let Tried::Fits(groups) = engine.try_on(&all) else {
                    panic!("{text}");
                };
                assert_eq!(groups.get(1), [byte], "{text}");
            }
        }
    }
}

#[test]
fn what_is_needed_is_the_longest_plain_text() {
    let need = |text: &[u8]| Need::of(&parse::parse(text, Flags::default()).expect("a pattern"));
    let found = need(br"^SSH-\d+ (?:a|b)Open(?!x)SSH[_-]+(?:cd)+z?\x00Q");
    assert_eq!(found.head, b"ssh-");
    let runs: Vec<&[u8]> = found.runs.iter().map(Vec::as_slice).collect();
    assert_eq!(runs, [&b"openssh"[..], b"cd", b"\0q"]);
    assert_eq!(need(b"a|b"), Need::default());
    assert_eq!(need(&b"x".repeat(99)).runs, [b"x".repeat(24)]);
}
