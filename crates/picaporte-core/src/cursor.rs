//! Where a scan is in its plan: shards, and blocks of hosts.
//!
//! The order has two levels. Blocks of at most 4,096 neighbouring hosts are opened in a seeded
//! order; inside, each host has a seeded order of its own ports and hosts take turns
//! ([`block`](crate::block)). So a slow host holds up nobody, and memory does not grow with the plan.

use crate::order::{Permutation, mix};
use crate::plan::Plan;

/// The most hosts in a block.
pub const BLOCK_HOSTS: u64 = 4096;
/// The most hosts that are active at a time.
pub const ACTIVE_HOSTS: u64 = 4 * BLOCK_HOSTS;

/// One of N disjoint parts of a plan, in whole blocks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shard {
    index: u32,
    count: u32,
}

impl Shard {
    /// All of the plan.
    pub const WHOLE: Self = Self { index: 0, count: 1 };

    /// The `index`-th of `count` parts, counted from 1; `None` unless 1 ≤ index ≤ count.
    pub fn new(index: u32, count: u32) -> Option<Self> {
        (1..=count).contains(&index).then(|| Self {
            index: index - 1,
            count,
        })
    }

    /// Which part, from 0.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many parts there are.
    pub const fn count(self) -> u32 {
        self.count
    }
}

/// How many hosts make a block: fewer than 4,096 where shards would come out uneven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BlockSize(u64);

impl BlockSize {
    /// At least eight blocks a shard, while there are hosts enough. The same for every shard.
    pub(crate) fn of(hosts: u64, shard: Shard) -> Self {
        if shard.count == 1 {
            return Self(BLOCK_HOSTS);
        }
        Self((hosts / (8 * u64::from(shard.count))).clamp(1, BLOCK_HOSTS))
    }

    pub(crate) const fn get(self) -> u64 {
        self.0
    }

    /// How many hosts below `host` are in the shard.
    pub(crate) fn before(self, host: u64, shard: Shard) -> u64 {
        let cycle = self.0 * u64::from(shard.count);
        let own = self.0 * u64::from(shard.index);
        (host / cycle) * self.0 + (host % cycle).saturating_sub(own).min(self.0)
    }
}

/// A block of hosts, by number; all shards number them alike.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Block(pub(crate) u64);

/// Hands out the blocks of one shard, each once, in a seeded order.
#[derive(Clone, Debug)]
pub struct Cursor {
    order: Permutation,
    shard: Shard,
    position: u64,
}

impl Cursor {
    /// A cursor before the first block of the plan's shard.
    pub fn new(plan: &Plan) -> Self {
        let shard = plan.settings().shard;
        let blocks = plan.hosts().div_ceil(plan.block_size().get());
        let own = (blocks + u64::from(shard.count - shard.index) - 1) / u64::from(shard.count);
        let seed = mix(plan.settings().seed, 0xb10c);
        Self {
            order: Permutation::new(own, seed),
            shard,
            position: 0,
        }
    }

    /// The next block.
    pub fn next_block(&mut self) -> Option<Block> {
        if self.position == self.order.len() {
            return None;
        }
        let nth = self.order.get(self.position);
        self.position += 1;
        Some(Block(
            nth * u64::from(self.shard.count) + u64::from(self.shard.index),
        ))
    }

    /// How many blocks have been handed out.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// How many blocks there are in all.
    pub fn blocks(&self) -> u64 {
        self.order.len()
    }
}
