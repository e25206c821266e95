//! The ways between the scanner and hosts: what delays, loses or holds back packets, and what stands on them.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use serde::Deserialize;

use super::{BitRate, IcmpLimit, PerSecond, Share, Span};

/// A way from the scanner to hosts. What it holds is shared by all hosts behind it.
#[derive(Clone, Debug, Default)]
pub struct Path {
    /// Its name in the file.
    pub name: String,
    /// Routers on it, 0 to [`MOST_HOPS`](super::MOST_HOPS).
    pub hops: u8,
    /// Routers that never say that a packet's time to live ran out.
    pub silent_hops: Vec<u8>,
    /// How often the routers may send ICMP errors.
    pub icmp_limit: Option<IcmpLimit>,
    /// There and back, without jitter and queues. Half of it goes each way.
    pub rtt: Span,
    /// What comes on top, drawn anew in each direction.
    pub jitter: Jitter,
    /// Loss of what the scanner sends.
    pub loss_out: Loss,
    /// Loss of what comes back.
    pub loss_back: Loss,
    /// Packets that are overtaken, in both directions.
    pub reorder: Option<Reorder>,
    /// The share of packets that arrive twice, in both directions.
    pub duplicate: Share,
    /// Times in which nothing passes.
    pub outages: Vec<Outage>,
    /// How much passes, in each direction.
    pub bandwidth: Option<Bandwidth>,
    /// A table of connections at the first hop.
    pub nat: Option<Nat>,
    /// Something that silences who asks too fast.
    pub ips: Option<Ips>,
}

impl Path {
    /// Whether every packet fares alike, but for queues, tables and outages.
    pub fn is_certain(&self) -> bool {
        let certain = |loss| loss == Loss::None;
        certain(self.loss_out)
            && certain(self.loss_back)
            && self.jitter.up_to.ns() == 0
            && self.reorder.is_none()
            && self.duplicate.get() == 0.0
    }

    /// The address of router `hop` (1 is the nearest) of the path with this index.
    pub fn router(index: usize, hop: u8, v6: bool) -> IpAddr {
        let (index, near) = (index as u16, hop == 1);
        match (v6, near) {
            (false, true) => Ipv4Addr::new(198, 51, 100, 1).into(),
            (false, false) => Ipv4Addr::new(203, 0, 113, (16 * index) as u8 + hop).into(),
            (true, true) => Ipv6Addr::new(0x2001, 0xdb8, 0x51, 0, 0, 0, 0, 1).into(),
            (true, false) => {
                Ipv6Addr::new(0x2001, 0xdb8, 0x71, index, 0, 0, 0, u16::from(hop)).into()
            }
        }
    }
}

/// Delay that differs from packet to packet.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Jitter {
    /// The most that is added, in each direction.
    pub up_to: Span,
    /// How it is spread below that.
    #[serde(default)]
    pub shape: Shape,
}

/// How jitter is spread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shape {
    /// Every delay up to the bound is as likely as any other.
    #[default]
    Even,
    /// Mostly little: a fifth of the bound on average, half of the packets below a sixteenth of it.
    LongTail,
}

/// Packets that vanish in one direction.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub enum Loss {
    /// None.
    #[default]
    None,
    /// Each for itself.
    Independent(Share),
    /// In runs: a chain of two states (Gilbert 1960, Elliott 1963), all lost in the bad one.
    Bursts(Bursts),
}

/// Loss in runs of packets.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bursts {
    /// The share of all packets that is lost in the long run, below 1.
    pub share: Share,
    /// The mean length of a run, in packets, at least 1.
    pub mean: f64,
}

/// Packets that are overtaken by later ones.
#[derive(Clone, Copy, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reorder {
    /// The share of packets that is held back.
    pub share: Share,
    /// For how long.
    pub by: Span,
}

/// A time in which nothing passes, counted from the first packet that the scanner sends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Outage {
    /// Its beginning.
    pub from: Span,
    /// How long it lasts.
    pub lasts: Span,
}

/// A narrow place with a queue before it, one for each direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bandwidth {
    /// How fast it is emptied.
    pub rate: BitRate,
    /// The longest a packet waits in it; what would wait longer is dropped.
    pub queue: Span,
}

/// A table with one entry for each connection, as a home router or a firewall with state keeps it.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Nat {
    /// How many connections it holds.
    pub entries: u32,
    /// How long an entry stays that saw a SYN and no answer (Linux: 120 s).
    #[serde(default = "Nat::syn_sent")]
    pub syn_sent: Span,
    /// How long an entry stays after a RST, or after both sides' FIN (Linux: 10 s after a RST).
    #[serde(default = "Nat::closed")]
    pub closed: Span,
    /// New connections a second that others make through it; each stays for `others_stay`.
    pub others_per_second: Option<PerSecond>,
    /// How long an entry of the others stays.
    #[serde(default = "Nat::closed")]
    pub others_stay: Span,
}

impl Nat {
    const fn syn_sent() -> Span {
        Span::from_ms(120_000)
    }
    const fn closed() -> Span {
        Span::from_ms(10_000)
    }
}

/// Something on the path that drops everything from a source for a while once it has sent too many SYNs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ips {
    /// More SYNs than this …
    pub syns: u32,
    /// … within this time …
    pub within: Span,
    /// … silence the source for this long.
    pub silences: Span,
}
