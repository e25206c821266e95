//! Patterns mean what PCRE says they mean, on either engine, and cost what they may.

mod bounds;
mod engines;
mod meaning;
mod sample;

use super::*;

fn flags(letters: &str) -> Flags {
    Flags {
        fold: letters.contains('i'),
        dot_all: letters.contains('s'),
        ..Flags::default()
    }
}

/// What the groups take, `-` for one that takes no part, up to the last that does; or `no`.
fn found(pattern: &[u8], letters: &str, answer: &[u8]) -> String {
    let engine = compile(pattern, flags(letters)).expect("a pattern");
    match engine.try_on(answer) {
        Tried::Not => "no".to_owned(),
        Tried::GaveUp => "gave up".to_owned(),
        Tried::Fits(groups) => {
            let taken = |span: &Option<(u32, u32)>| {
                span.map_or("-".to_owned(), |(from, to)| format!("{from}:{to}"))
            };
            let mut all: Vec<String> = groups.spans[1..].iter().map(taken).collect();
            while all.last().is_some_and(|last| last == "-") {
                all.pop();
            }
            all.join(" ")
        }
    }
}
