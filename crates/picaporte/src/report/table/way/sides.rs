//! Hops on the left, and on the right what is done there. Knows no ports.

use std::fmt::Write as _;

use picaporte_core::State;

use super::super::paint::Paint;
use super::super::text::{columns, wrap};
use super::Mark;

/// Columns of a hop's number, with those around it.
const HOPS: usize = 6;
/// The fewest columns for what is done at a hop.
const MARKS: usize = 16;

pub(super) struct Sides {
    paint: Paint,
    width: usize,
    /// The column that the left side ends before.
    names: usize,
    /// The column of the bar between both.
    bar: usize,
    /// What is done stands beneath who does it.
    beneath: bool,
}

impl Sides {
    /// For names and words of at most so many columns. The left side takes no more than half the width. Where that leaves too
    /// little for the right one, this begins beneath.
    pub(super) fn of(paint: Paint, width: usize, names: usize, words: usize) -> Self {
        let names = HOPS + names.min(width / 2);
        let bar = names + 2;
        let beneath = bar + 2 + words.max(MARKS) > width;
        Self {
            paint,
            width,
            names: if beneath { width } else { names },
            bar: if beneath { HOPS } else { bar },
            beneath,
        }
    }

    /// Writes a hop, who speaks there, and what is done there.
    pub(super) fn write(&self, hop: u8, name: &str, marks: &[Mark], out: &mut String) {
        let left = format!("{hop:>4}  {}", wrap(name, HOPS, HOPS, self.names));
        let mut left = left.lines().map(str::trim_end).peekable();
        let at = self.bar + 2;
        for mark in marks {
            let text = wrap(&mark.text, at, at, self.width);
            for (i, line) in text.lines().enumerate() {
                let word = line.trim_start_matches(' ');
                let begins = if i == 0 { at } else { line.len() - word.len() };
                // What leaves no room beside it stands alone.
                let beneath = self.beneath || begins < at;
                let is_alone = |name: &&str| beneath || columns(name) + 2 > self.bar;
                while let Some(alone) = left.next_if(is_alone) {
                    let _ = writeln!(out, "{alone}");
                }
                let name = left.next().unwrap_or_default();
                let bar = if i == 0 { "| " } else { "" };
                let pad = begins - columns(name) - columns(bar);
                let line = format!("{name}{:pad$}{bar}{}", "", self.painted(mark, word));
                let _ = writeln!(out, "{}", line.trim_end());
            }
        }
        for line in left {
            let _ = writeln!(out, "{line}");
        }
    }

    fn painted(&self, mark: &Mark, text: &str) -> String {
        if mark.before {
            self.paint.state(State::Filtered, text)
        } else {
            text.to_owned()
        }
    }
}
