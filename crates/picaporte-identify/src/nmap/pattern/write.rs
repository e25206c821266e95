//! Writes a pattern's tree for the engines: for `regex`, whose time is linear, where it can say it, and else for `fancy-regex`, which
//! walks back. Both read the same text alike, as it holds nothing but classes of bytes, groups and repetitions, and no flag.

use std::fmt::Write as _;

use super::tree::{Greed, Node, Place};

/// A pattern as text.
#[derive(Debug, Default)]
pub(super) struct Written {
    pub(super) text: String,
    /// It holds what only `fancy-regex` can do: a look around, a reference, something that gives nothing back, or a `$` within.
    pub(super) fancy: bool,
}

impl Written {
    pub(super) fn of(node: &Node) -> Self {
        let mut out = Self::default();
        out.node(node, true);
        out
    }

    /// `last`: nothing that takes bytes, and no group that remembers them, stands behind or around it.
    fn node(&mut self, node: &Node, last: bool) {
        match node {
            Node::Empty => self.text.push_str("(?:)"),
            Node::Byte(set) => set.write(&mut self.text),
            Node::Row(row) => {
                for (n, part) in row.iter().enumerate() {
                    self.part(part, last && n + 1 == row.len());
                }
            }
            Node::Either(all) => self.either(all, last),
            Node::Repeat {
                what,
                least,
                most,
                greed,
            } => {
                self.wrapped("(?:", what, false);
                self.count(*least, *most, *greed);
            }
            Node::Group(what) => self.wrapped("(", what, false),
            Node::Atomic(what) => {
                self.fancy = true;
                self.wrapped("(?>", what, false);
            }
            Node::Look { what, behind, not } => self.look(what, *behind, *not),
            Node::Back { group, fold } => {
                self.fancy = true;
                let _ = write!(self.text, r"(?{}:\{group})", if *fold { "i" } else { "" });
            }
            Node::At(place) => self.place(*place, last),
        }
    }

    /// One of a row: alternatives need a group of their own.
    fn part(&mut self, node: &Node, last: bool) {
        match node {
            Node::Either(_) => self.wrapped("(?:", node, last),
            _ => self.node(node, last),
        }
    }

    fn wrapped(&mut self, open: &str, node: &Node, last: bool) {
        self.text.push_str(open);
        self.node(node, last);
        self.text.push(')');
    }

    fn either(&mut self, all: &[Node], last: bool) {
        for (n, one) in all.iter().enumerate() {
            if n > 0 {
                self.text.push('|');
            }
            self.node(one, last);
        }
    }

    fn count(&mut self, least: u32, most: Option<u32>, greed: Greed) {
        let _ = match (least, most) {
            (0, None) => write!(self.text, "*"),
            (1, None) => write!(self.text, "+"),
            (0, Some(1)) => write!(self.text, "?"),
            (_, None) => write!(self.text, "{{{least},}}"),
            (_, Some(most)) => write!(self.text, "{{{least},{most}}}"),
        };
        match greed {
            Greed::Most => {}
            Greed::Least => self.text.push('?'),
            Greed::Possessive => {
                self.fancy = true;
                self.text.push('+');
            }
        }
    }

    fn look(&mut self, what: &Node, behind: bool, not: bool) {
        self.fancy = true;
        self.wrapped(
            match (behind, not) {
                (false, false) => "(?=",
                (false, true) => "(?!",
                (true, false) => "(?<=",
                (true, true) => "(?<!",
            },
            what,
            false,
        );
    }

    fn place(&mut self, place: Place, last: bool) {
        self.text.push_str(match place {
            Place::Start => r"\A",
            Place::End => r"\z",
            Place::WordEdge => r"\b",
            Place::NoWordEdge => r"\B",
            // Where nothing follows it is all the same whether the newline is taken.
            Place::EndOrNewline if last => r"(?:\x0A?\z)",
            Place::EndOrNewline => r"(?=\x0A?\z)",
            Place::LineStart => r"(?:\A|(?<=\x0A)(?!\z))",
            Place::LineEnd => r"(?=\x0A|\z)",
        });
        self.fancy |= matches!(place, Place::LineStart | Place::LineEnd)
            || place == Place::EndOrNewline && !last;
    }
}
