//! What proves a state, as far as two scanners can tell the same of it: the reason, the ICMP error and its sender, and how far
//! an open port can be believed.

use std::collections::BTreeMap;
use std::net::IpAddr;

use picaporte_core::{Grade, Reason, Suspicion};

/// How far an open port can be believed; the core's [`Grade`] without what speaks against it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Belief {
    /// [`Grade::Confirmed`].
    Confirmed,
    /// [`Grade::HandshakeOnly`].
    HandshakeOnly,
    /// [`Grade::Suspect`].
    Suspect,
}

impl Belief {
    const ALL: [Self; 3] = [Self::Confirmed, Self::HandshakeOnly, Self::Suspect];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Confirmed => Grade::Confirmed.name(),
            Self::HandshakeOnly => Grade::HandshakeOnly.name(),
            Self::Suspect => Grade::Suspect(Suspicion::AnswersEverything).name(),
        }
    }

    /// The one of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|belief| belief.name() == name)
    }
}

/// What is known of one port beside its state. `None` is what the file does not tell.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Evidence {
    /// Why it has its state.
    pub reason: Option<Reason>,
    /// Type and code of the ICMP error that came; those of `ICMPv6` for an IPv6 host.
    pub icmp: Option<(u8, u8)>,
    /// Who sent it; a zone is left out.
    pub from: Option<IpAddr>,
    /// How far an open port can be believed.
    pub belief: Option<Belief>,
}

impl Evidence {
    /// Whether something that both tell is not the same.
    pub fn differs(&self, other: &Self) -> bool {
        differ(self.reason, other.reason)
            || differ(self.icmp, other.icmp)
            || differ(self.from, other.from)
            || differ(self.belief, other.belief)
    }

    /// Whether nothing is told.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// Whether both tell it, and not the same.
pub(crate) fn differ<T: PartialEq>(a: Option<T>, b: Option<T>) -> bool {
    matches!((a, b), (Some(a), Some(b)) if a != b)
}

/// A kind of ICMP error that came for ports of a host.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Reject {
    /// Who sent it; a zone is left out.
    pub from: Option<IpAddr>,
    /// Its type.
    pub kind: u8,
    /// Its code.
    pub code: u8,
}

/// The reason of this name, which may be nmap's: `reset` is what a SYN scan calls `conn-refused`, and old versions count in
/// the plural (`resets`, `no-responses`). `None` for names that say nothing here.
pub(crate) fn reason(name: &str) -> Option<Reason> {
    let exactly = |name: &str| {
        let mut all = Reason::ALL.iter().copied();
        all.find(|reason| reason.name() == name)
            .or_else(|| (name == "reset").then_some(Reason::ConnRefused))
    };
    let without = |end: &str| name.strip_suffix(end).and_then(exactly);
    exactly(name)
        .or_else(|| without("s"))
        .or_else(|| without("es"))
}

/// Evidence by port, in a list of ranges that neither touch with the same evidence nor overlap, ascending. The third is a
/// number that stands for the evidence. A port with two different pieces of evidence has none.
pub(crate) fn by_port(mut seen: Vec<(u16, u16, u32)>) -> Vec<(u16, u16, u32)> {
    seen.sort_unstable();
    seen.dedup();
    if seen.windows(2).any(|pair| pair[1].0 <= pair[0].1) {
        seen = without_contradictions(&seen);
    }
    let mut merged: Vec<(u16, u16, u32)> = Vec::with_capacity(seen.len());
    for (first, last, what) in seen {
        match merged.last_mut() {
            Some(m) if m.2 == what && u32::from(m.1) + 1 == u32::from(first) => m.1 = last,
            _ => merged.push((first, last, what)),
        }
    }
    merged.shrink_to_fit();
    merged
}

/// Walks the ends of all ranges, and keeps what lies under one piece of evidence alone.
fn without_contradictions(seen: &[(u16, u16, u32)]) -> Vec<(u16, u16, u32)> {
    let begin = seen
        .iter()
        .map(|&(first, _, what)| (u32::from(first), true, what));
    let end = seen
        .iter()
        .map(|&(_, last, what)| (u32::from(last) + 1, false, what));
    let mut ends: Vec<_> = begin.chain(end).collect();
    ends.sort_unstable();
    let (mut active, mut kept, mut since) = (BTreeMap::<u32, usize>::new(), Vec::new(), 0);
    for (at, begins, what) in ends {
        if let (Some((&only, _)), 1, true) = (active.first_key_value(), active.len(), since < at) {
            kept.push((since as u16, (at - 1) as u16, only));
        }
        since = at;
        let count = active.entry(what).or_default();
        if begins {
            *count += 1;
        } else {
            *count -= 1;
            if *count == 0 {
                active.remove(&what);
            }
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reasons_of_nmap_are_ours() {
        for (name, is) in [
            ("syn-ack", Some(Reason::SynAck)),
            ("reset", Some(Reason::ConnRefused)),
            ("resets", Some(Reason::ConnRefused)),
            ("no-responses", Some(Reason::NoResponse)),
            ("host-unreaches", Some(Reason::HostUnreach)),
            ("admin-prohibited", Some(Reason::AdminProhibited)),
            ("echo-reply", None),
            ("s", None),
            ("", None),
        ] {
            assert_eq!(reason(name), is, "{name}");
        }
    }

    #[test]
    fn only_what_both_tell_can_differ() {
        let some = Evidence {
            reason: Some(Reason::AdminProhibited),
            icmp: Some((3, 13)),
            ..Evidence::default()
        };
        let other = Evidence {
            from: Some([192, 0, 2, 1].into()),
            icmp: None,
            ..some
        };
        assert!(!some.differs(&other) && !some.differs(&Evidence::default()));
        assert!(some.differs(&Evidence {
            icmp: Some((3, 10)),
            ..other
        }));
    }

    #[test]
    fn a_port_with_two_stories_has_none() {
        assert_eq!(by_port(vec![(5, 5, 1), (1, 3, 1), (4, 4, 1)]), [(1, 5, 1)]);
        assert_eq!(
            by_port(vec![(1, 9, 1), (5, 5, 2), (5, 5, 1), (65_535, 65_535, 3)]),
            [(1, 4, 1), (6, 9, 1), (65_535, 65_535, 3)]
        );
    }
}
