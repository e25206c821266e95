//! What is to happen in a world, in the order of time; what is due at the same moment goes in the order in which it was put
//! down. Knows nothing of what the events mean.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use picaporte_core::Instant;

use super::icmp::Echo;
use super::limits::Flags;
use super::packet::Segment;
use super::ways::Reply;
use super::{Flow, Stop};

/// Something that is to happen.
#[derive(Debug)]
pub(super) enum Event {
    /// A segment of the scanner has come to where it stops.
    Arrives(Box<Arrival>),
    /// The last router has asked in vain for the link address of whom this segment is for.
    Unreachable(Box<Arrival>),
    /// An echo request has come to its host.
    Asked(Box<Echo>),
    /// An answer leaves, later than what it answers came.
    Leaves(Box<Answer>),
    /// A packet comes to the first hop on its way back, and to the scanner.
    Returns(Vec<u8>, usize, Option<Known>),
}

/// The connection that a packet belongs to, and its flags if it is a segment of it, as a connection table knows them.
pub(super) type Known = (Flow, Option<Flags>);

/// A segment, and where it stops.
#[derive(Clone, Debug)]
pub(super) struct Arrival {
    pub(super) segment: Segment,
    /// The packet as it was sent; only where it will be quoted.
    pub(super) packet: Vec<u8>,
    pub(super) path: usize,
    /// The group of hosts that it is for, if somebody is there.
    pub(super) group: Option<usize>,
    pub(super) stop: Stop,
}

/// A packet for the scanner that is yet to leave.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) path: usize,
    pub(super) reply: Reply,
    pub(super) bytes: Vec<u8>,
    pub(super) known: Option<Known>,
}

/// The events that are to come.
#[derive(Debug, Default)]
pub(super) struct Agenda {
    items: BinaryHeap<Item>,
    /// How many there have been.
    numbers: u64,
}

#[derive(Debug)]
struct Item {
    due: Instant,
    number: u64,
    event: Event,
}

impl Agenda {
    pub(super) fn put_down(&mut self, due: Instant, event: Event) {
        self.numbers += 1;
        self.items.push(Item {
            due,
            number: self.numbers,
            event,
        });
    }

    pub(super) fn next_at(&self) -> Option<Instant> {
        self.items.peek().map(|item| item.due)
    }

    /// The first event, if it is due by `now`.
    pub(super) fn take(&mut self, now: Instant) -> Option<Event> {
        self.next_at().filter(|&at| at <= now)?;
        self.items.pop().map(|item| item.event)
    }

    pub(super) fn len(&self) -> usize {
        self.items.len()
    }
}

impl PartialEq for Item {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}
impl Eq for Item {}
impl PartialOrd for Item {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
/// The earliest is the greatest, as a heap wants it.
impl Ord for Item {
    fn cmp(&self, other: &Self) -> Ordering {
        (other.due, other.number).cmp(&(self.due, self.number))
    }
}
