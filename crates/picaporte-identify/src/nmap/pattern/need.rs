//! What must stand in an answer for a pattern to fit: cheap to look for, so that most patterns of a file are never compiled.

use super::tree::{Node, Place};

/// As much of a run of bytes as is looked for: enough to tell, and few enough that not many can end at one byte of an answer.
const LONGEST: usize = 24;

/// A single byte is in most answers.
const SHORTEST: usize = 2;

/// Runs of bytes that are in every answer that a pattern fits, in lower case.
#[derive(Debug, Default, PartialEq, Eq)]
pub(in crate::nmap) struct Need {
    /// It must begin so.
    pub(in crate::nmap) head: Vec<u8>,
    /// And hold these, of 2 to 24 bytes.
    pub(in crate::nmap) runs: Vec<Vec<u8>>,
}

#[derive(Default)]
struct Finder {
    need: Need,
    run: Vec<u8>,
    /// The run began at the answer's first byte.
    heads: bool,
    /// Nothing that takes bytes has been passed.
    at_start: bool,
}

impl Need {
    pub(super) fn of(node: &Node) -> Self {
        let mut finder = Finder {
            at_start: true,
            ..Finder::default()
        };
        finder.visit(node);
        finder.end();
        finder.need
    }
}

impl Finder {
    fn visit(&mut self, node: &Node) {
        match node {
            Node::Byte(set) => match set.single() {
                Some(byte) => self.run.push(byte),
                None => self.end(),
            },
            Node::Row(row) => row.iter().for_each(|part| self.visit(part)),
            Node::Group(what) | Node::Atomic(what) => self.visit(what),
            Node::Repeat { what, least, .. } if *least > 0 => {
                self.end();
                self.visit(what);
                self.end();
            }
            Node::Either(_) | Node::Repeat { .. } | Node::Back { .. } => self.end(),
            Node::At(Place::Start) if self.at_start && self.run.is_empty() => self.heads = true,
            Node::Empty | Node::Look { .. } | Node::At(_) => {}
        }
        self.at_start &= matches!(node, Node::Empty | Node::At(_) | Node::Look { .. });
    }

    fn end(&mut self) {
        let run = std::mem::take(&mut self.run);
        self.at_start = false;
        if std::mem::take(&mut self.heads) {
            self.need.head = run;
        } else if run.len() >= SHORTEST {
            self.need.runs.push(run[..run.len().min(LONGEST)].to_vec());
        }
    }
}

/// Whether an answer begins as it must; letters of either case.
pub(in crate::nmap) fn begins(answer: &[u8], head: &[u8]) -> bool {
    let begin = answer.get(..head.len());
    begin.is_some_and(|begin| begin.eq_ignore_ascii_case(head))
}
