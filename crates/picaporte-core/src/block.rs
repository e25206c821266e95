//! What one thread owns of a block: its hosts, and of each host a stride of the ports.
//!
//! Threads share nothing. The flat index of a (host, port rank) pair inside the block, modulo the
//! number of threads, says whose it is, so one single host keeps all cores busy. Where a host's
//! cap is below the number of threads, whole hosts are dealt out instead, and so are hosts with so few ports that a part
//! of them would be too little to tell who answers everything.

use crate::canary::FEWEST_PORTS;
use crate::cursor::Block;
use crate::order::{Permutation, mix};
use crate::plan::Plan;
use crate::target::Address;

/// One thread's part of a scan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    index: u32,
    count: u32,
    by_host: bool,
}

/// One host as one part owns it: `count` ports, of ranks `first`, `first + stride`, …
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HostShare {
    /// Its number in the plan.
    pub index: u64,
    /// Its address.
    pub address: Address,
    /// Which of the plan's port lists is its own.
    pub list: u32,
    /// How many of its ports this part owns, never 0.
    pub count: u32,
    first: u32,
    stride: u32,
    /// How many parts own some of its ports.
    pub parts: u32,
}

impl HostShare {
    /// The rank in the port list of this share's `j`-th port, `j < count`.
    pub fn rank(&self, j: u32) -> u32 {
        self.first + j * self.stride
    }

    /// The order in which this share's ports are asked.
    pub fn order(&self, seed: u64) -> Permutation {
        Permutation::new(
            self.count.into(),
            mix(seed, self.index ^ u64::from(self.first) << 48),
        )
    }
}

impl Part {
    /// All of it: one thread.
    pub const WHOLE: Self = Self {
        index: 0,
        count: 1,
        by_host: false,
    };

    /// Part `index` (from 0) of `count`; `by_host` deals out whole hosts.
    pub fn new(index: u32, count: u32, by_host: bool) -> Self {
        debug_assert!(index < count);
        Self {
            index,
            count,
            by_host,
        }
    }

    /// Which part, from 0.
    pub const fn index(self) -> u32 {
        self.index
    }

    /// How many parts there are.
    pub const fn count(self) -> u32 {
        self.count
    }

    /// This part of a cap: parts sum to the cap.
    pub const fn of_cap(self, cap: u32) -> u32 {
        cap / self.count + (self.index < cap % self.count) as u32
    }

    /// The hosts of a block of which this part owns a port, in the seeded order of the block.
    pub fn hosts(self, plan: &Plan, block: Block) -> Vec<HostShare> {
        let size = plan.block_size().get();
        let from = block.0 * size;
        let until = (from + size).min(plan.hosts());
        let mut rect = plan.rects.partition_point(|r| r.base + r.hosts() <= from);
        let mut flat = 0u64;
        let mut hosts = Vec::with_capacity((until - from) as usize);
        for index in from..until {
            if index >= plan.rects[rect].base + plan.rects[rect].hosts() {
                rect += 1;
            }
            let r = &plan.rects[rect];
            let ports = plan.lists[r.list as usize].len() as u32;
            let (first, stride, count) = self.stride(index - from, flat, ports);
            flat += u64::from(ports);
            if count > 0 {
                let parts = if self.is_whole(ports) { 1 } else { self.count };
                let address = r.range.nth(index - r.base);
                hosts.push(HostShare {
                    index,
                    address,
                    list: r.list,
                    count,
                    first,
                    stride,
                    parts,
                });
            }
        }
        shuffled(hosts, mix(plan.settings().seed, block.0))
    }

    /// Whether a host with so many ports belongs to one part.
    fn is_whole(self, ports: u32) -> bool {
        self.by_host || ports < FEWEST_PORTS.saturating_mul(self.count)
    }

    fn stride(self, nth: u64, flat: u64, ports: u32) -> (u32, u32, u32) {
        let parts = u64::from(self.count);
        if self.is_whole(ports) {
            let mine = nth % parts == u64::from(self.index);
            return (0, 1, if mine { ports } else { 0 });
        }
        let first = (u64::from(self.index) + parts - flat % parts) % parts;
        let count = u64::from(ports).saturating_sub(first).div_ceil(parts);
        (first as u32, self.count, count as u32)
    }
}

fn shuffled(hosts: Vec<HostShare>, seed: u64) -> Vec<HostShare> {
    let order = Permutation::new(hosts.len() as u64, seed);
    (0..order.len())
        .map(|i| hosts[order.get(i) as usize])
        .collect()
}
