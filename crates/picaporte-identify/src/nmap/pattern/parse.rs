//! Reads Perl's regular expressions as PCRE does (pcrepattern(3)), over bytes, in the "C" locale.
//!
//! What is rare and has no counterpart (recursion, conditions, verbs, `\K`, `\X`, Unicode properties) is refused by name; nothing is guessed.

use super::bytes::{ByteSet, named};
use super::tree::{Greed, Node, Place};

mod class;
mod escape;
mod group;

/// Groups within groups, at most: as deep as this parser calls itself.
const DEPTH: u32 = 64;

/// The highest count of a repetition that PCRE takes.
const MOST_REPEATS: u32 = 65_535;

/// Why a pattern can't be used.
pub(super) type Refused = &'static str;

/// Flags that hold at one place of a pattern.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(in crate::nmap) struct Flags {
    /// `i`: letters stand for both cases.
    pub(in crate::nmap) fold: bool,
    /// `s`: `.` is a newline too.
    pub(in crate::nmap) dot_all: bool,
    pub(super) multi_line: bool,
    pub(super) extended: bool,
    pub(super) ungreedy: bool,
}

/// A pattern that is read.
struct Parser<'p> {
    text: &'p [u8],
    at: usize,
    flags: Flags,
    depth: u32,
    /// Capturing groups so far.
    groups: u32,
    /// And in the whole pattern: whether `\12` is a reference depends on it.
    groups_in_all: u32,
    names: Vec<(&'p [u8], u32)>,
}

/// The tree of a pattern.
///
/// # Errors
/// The first thing that this parser has no word for, or that is wrong.
pub(super) fn parse(text: &[u8], flags: Flags) -> Result<Node, Refused> {
    let mut parser = Parser {
        text,
        at: 0,
        flags,
        depth: 0,
        groups: 0,
        groups_in_all: group::count(text),
        names: Vec::new(),
    };
    let node = parser.alternatives()?;
    match parser.peek() {
        None => Ok(node),
        Some(_) => Err("a ) that closes nothing"),
    }
}

impl<'p> Parser<'p> {
    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    /// Goes beyond these bytes if they are next.
    fn eat(&mut self, these: &[u8]) -> bool {
        let there = self.text[self.at..].starts_with(these);
        self.at += if there { these.len() } else { 0 };
        there
    }

    /// What stands before this byte, which is gone beyond.
    fn until(&mut self, end: u8) -> Option<&'p [u8]> {
        let rest = &self.text[self.at..];
        let length = rest.iter().position(|&byte| byte == end)?;
        self.at += length + 1;
        Some(&rest[..length])
    }

    /// `a|b|c`, up to a `)` or the end. Flags that are set within end with it.
    fn alternatives(&mut self) -> Result<Node, Refused> {
        if self.depth == DEPTH {
            return Err("groups within more than 64 groups");
        }
        self.depth += 1;
        let before = self.flags;
        let mut all = vec![self.row()?];
        while self.eat(b"|") {
            all.push(self.row()?);
        }
        self.flags = before;
        self.depth -= 1;
        Ok(match all.len() {
            1 => all.remove(0),
            _ => Node::Either(all),
        })
    }

    fn row(&mut self) -> Result<Node, Refused> {
        let mut row = Vec::new();
        while let Some(byte) = self.peek() {
            if byte == b'|' || byte == b')' {
                break;
            }
            if !self.skip_extended() {
                let atom = self.atom(byte, &mut row)?;
                let node = self.repeated(atom, byte == b'(')?;
                row.extend((node != Node::Empty).then_some(node));
            }
        }
        Ok(match row.len() {
            0 => Node::Empty,
            1 => row.remove(0),
            _ => Node::Row(row),
        })
    }

    /// Under `x`: white space and comments.
    fn skip_extended(&mut self) -> bool {
        match self.peek() {
            Some(b'#') if self.flags.extended => {
                self.at = self.until(b'\n').map_or(self.text.len(), |_| self.at);
                true
            }
            Some(byte) if self.flags.extended && matches!(byte, b'\t'..=b'\r' | b' ') => {
                self.at += 1;
                true
            }
            _ => false,
        }
    }

    /// What a quantifier may follow. What `\Q…\E` holds but for its last byte goes to the row.
    fn atom(&mut self, first: u8, row: &mut Vec<Node>) -> Result<Node, Refused> {
        self.at += 1;
        match first {
            b'(' => self.group(),
            b'[' => self.class(),
            b'\\' => self.escape(row),
            b'.' => Ok(self.dot()),
            b'^' if self.flags.multi_line => Ok(Node::At(Place::LineStart)),
            b'^' => Ok(Node::At(Place::Start)),
            b'$' if self.flags.multi_line => Ok(Node::At(Place::LineEnd)),
            b'$' => Ok(Node::At(Place::EndOrNewline)),
            b'*' | b'+' | b'?' => Err("a repetition of nothing"),
            byte => Ok(self.byte(byte)),
        }
    }

    fn dot(&self) -> Node {
        let any = self.flags.dot_all;
        let newline = ByteSet::of([b'\n']);
        Node::Byte(Box::new(if any {
            ByteSet::ALL
        } else {
            newline.complement()
        }))
    }

    fn byte(&self, byte: u8) -> Node {
        self.set(ByteSet::of([byte]))
    }

    fn set(&self, set: ByteSet) -> Node {
        Node::Byte(Box::new(if self.flags.fold { set.folded() } else { set }))
    }

    /// The atom with the quantifier behind it, if there is one. A group may be repeated even if it takes nothing.
    fn repeated(&mut self, what: Node, group: bool) -> Result<Node, Refused> {
        let Some((least, most)) = self.quantifier()? else {
            return Ok(what);
        };
        if !group && matches!(what, Node::At(_) | Node::Empty) {
            return Err("a repetition of nothing");
        }
        let greed = match self.peek() {
            Some(b'+') => Greed::Possessive,
            Some(b'?') if !self.flags.ungreedy => Greed::Least,
            Some(b'?') => Greed::Most,
            _ if self.flags.ungreedy => Greed::Least,
            _ => Greed::Most,
        };
        self.at += usize::from(matches!(self.peek(), Some(b'+' | b'?')));
        let node = what.repeat((least, most), greed);
        match self.quantifier()? {
            None => Ok(node),
            Some(_) => Err("a repetition of a repetition"),
        }
    }

    /// `*`, `+`, `?` or `{1,2}`; a brace that is none of these stands for itself.
    fn quantifier(&mut self) -> Result<Option<(u32, Option<u32>)>, Refused> {
        let found = match self.peek() {
            Some(b'*') => (0, None),
            Some(b'+') => (1, None),
            Some(b'?') => (0, Some(1)),
            Some(b'{') => return self.counted(),
            _ => return Ok(None),
        };
        self.at += 1;
        Ok(Some(found))
    }

    fn counted(&mut self) -> Result<Option<(u32, Option<u32>)>, Refused> {
        let start = self.at;
        self.at += 1;
        let least = self.number();
        let comma = self.eat(b",");
        let most = if comma { self.number() } else { least };
        let (Some(least), true) = (least, self.eat(b"}")) else {
            self.at = start;
            return Ok(None);
        };
        if least > MOST_REPEATS || most.is_some_and(|most| most > MOST_REPEATS) {
            return Err("a repetition of more than 65,535 times");
        }
        if most.is_some_and(|most| most < least) {
            return Err("a repetition whose end lies before its beginning");
        }
        Ok(Some((least, most)))
    }

    /// Decimal digits; more than fit count as many.
    fn number(&mut self) -> Option<u32> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        let digits = &self.text[start..self.at];
        let add = |sum: u32, digit: &u8| {
            sum.saturating_mul(10)
                .saturating_add(u32::from(digit - b'0'))
        };
        (!digits.is_empty()).then(|| digits.iter().fold(0, add))
    }
}
