//! Answers that a pattern may fit, drawn from its tree: looks around are passed over, so that some do not fit.

use super::super::tree::{Node, Place};
use crate::nmap::pattern::bytes::ByteSet;

/// A stream of numbers from a seed (xorshift64, Marsaglia 2003).
pub(super) struct Dice(u64);

impl Dice {
    pub(super) fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    /// 0 to `beyond` - 1.
    pub(super) fn below(&mut self, beyond: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 >> 11) as usize % beyond.max(1)
    }
}

/// An answer of 4 KiB or little more.
pub(super) fn sample(node: &Node, dice: &mut Dice) -> Vec<u8> {
    let mut drawn = Drawn {
        dice,
        bytes: Vec::new(),
        groups: Vec::new(),
    };
    drawn.node(node);
    drawn.bytes
}

struct Drawn<'d> {
    dice: &'d mut Dice,
    bytes: Vec<u8>,
    groups: Vec<(usize, usize)>,
}

impl Drawn<'_> {
    fn node(&mut self, node: &Node) {
        match node {
            Node::Byte(set) => self.byte(set),
            Node::Row(row) => row.iter().for_each(|part| self.node(part)),
            Node::Either(all) => {
                let one = self.dice.below(all.len());
                self.node(&all[one]);
            }
            Node::Repeat {
                what, least, most, ..
            } => {
                let more = most.map_or(5, |most| (most - least).min(5) as usize);
                let times = *least as usize + self.dice.below(more + 1);
                for _ in 0..times.min(4096) {
                    if self.bytes.len() < 4096 {
                        self.node(what);
                    }
                }
            }
            Node::Group(what) => {
                let n = self.groups.len();
                let from = self.bytes.len();
                self.groups.push((from, from));
                self.node(what);
                self.groups[n].1 = self.bytes.len();
            }
            Node::Atomic(what) => self.node(what),
            Node::Back { group, .. } => {
                let (from, to) = self
                    .groups
                    .get(*group as usize - 1)
                    .copied()
                    .unwrap_or_default();
                self.bytes.extend_from_within(from..to);
            }
            Node::At(Place::EndOrNewline) if self.dice.below(2) == 0 => self.bytes.push(b'\n'),
            Node::Empty | Node::Look { .. } | Node::At(_) => {}
        }
    }

    fn byte(&mut self, set: &ByteSet) {
        let all: Vec<u8> = set.iter().collect();
        let seen: Vec<u8> = set
            .iter()
            .filter(|byte| matches!(byte, b' '..=b'~'))
            .collect();
        let from = if seen.is_empty() || self.dice.below(8) == 0 {
            all
        } else {
            seen
        };
        self.bytes.extend(from.get(self.dice.below(from.len())));
    }
}
