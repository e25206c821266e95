//! Attempts under way, alone and in pairs: what is to be known of them until they are answered.

use crate::time::Instant;

use super::trace::Reach;

/// One attempt under way.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flight {
    pub(super) generation: u32,
    pub(super) job: usize,
    pub(super) trace: usize,
    pub(super) reach: Reach,
    pub(super) sent: Instant,
    pub(super) deadline: Instant,
    pub(super) pair: Option<u32>,
    /// The distance of the router of whose errors it may cost one.
    pub(super) purse: Option<u8>,
    pub(super) state: Flying,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Flying {
    Free,
    Asking,
    /// Its abort has been asked for.
    Aborting,
    /// It was answered by a handshake, and is being closed.
    Closing,
}

/// Two attempts over the same hops, one right after the other: whether the first was silent, and the second not.
#[derive(Clone, Copy, Debug)]
pub(super) struct Pair {
    pub(super) name: u32,
    pub(super) ttl: u8,
    pub(super) first_is_silent: Option<bool>,
    pub(super) second_expired: Option<bool>,
}
