//! What the reverse DNS calls the addresses that answered (`--reverse-dns`), for every report of a scan to look up.
//!
//! These names come from a network and are written by whoever runs the address: they are [`Untrusted`], stand beside the names that the
//! user asked by and never in their place, and nothing is decided by them. They come in while the scan goes on, so all reports share one
//! list, which grows up to its bounds. What is not in it is not known: nobody asked, nobody answered, or there is no name.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, PoisonError, RwLock};

use picaporte_core::Address;
use serde::{Deserialize, Serialize};

use super::Header;
use super::encode::Untrusted;

/// The names that addresses have in the reverse DNS; clones share one list.
#[derive(Clone, Debug, Default)]
pub struct Reverse(Arc<RwLock<Known>>);

#[derive(Debug, Default)]
struct Known {
    names: HashMap<IpAddr, Arc<[Untrusted]>>,
    bytes: usize,
}

impl Reverse {
    /// The most names of an address that are kept. More than one is rare (RFC 2181, section 10.2, allows it); an answer of 64 KiB has
    /// room for a thousand.
    pub const NAMES: usize = 4;
    /// The most addresses whose names are kept.
    pub const ADDRESSES: usize = 65_536;
    /// The most bytes of all names that are kept: 128 for each of so many addresses, where a name of the DNS has at most 255
    /// (RFC 1035, section 2.3.4).
    pub const BYTES: usize = 8 << 20;

    /// Keeps the first [`NAMES`](Self::NAMES) of these that are not empty, in place of what was known of the address. False if there is
    /// no name among them, or no room left.
    pub fn learn(&self, ip: IpAddr, names: impl IntoIterator<Item = Untrusted>) -> bool {
        let names = names.into_iter().filter(|name| !name.is_empty());
        let names: Arc<[Untrusted]> = names.take(Self::NAMES).collect();
        let bytes: usize = names.iter().map(Untrusted::len).sum();
        let mut known = self.0.write().unwrap_or_else(PoisonError::into_inner);
        let before = known.names.get(&ip);
        let (others, freed) = (
            known.names.len() - usize::from(before.is_some()),
            before.map_or(0, |names| names.iter().map(Untrusted::len).sum()),
        );
        let all = known.bytes - freed + bytes;
        if names.is_empty() || others >= Self::ADDRESSES || all > Self::BYTES {
            return false;
        }
        known.names.insert(ip, names);
        known.bytes = all;
        true
    }

    /// The names of an address, at least one; `None` where none is known.
    pub fn of(&self, ip: IpAddr) -> Option<Arc<[Untrusted]>> {
        let known = self.0.read().unwrap_or_else(PoisonError::into_inner);
        known.names.get(&ip).cloned()
    }
}

/// What became of the questions. Each address is asked about once, so these are addresses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct ReverseCounts {
    /// Asked about: the sum of the next four.
    pub asked: u64,
    /// Those that have a name.
    pub named: u64,
    /// Those of which the DNS says that they have none.
    pub unnamed: u64,
    /// Those of which a name server said that it can't tell, or that no name server could be reached about.
    pub failed: u64,
    /// Those that no answer came for in time.
    pub unanswered: u64,
    /// Hosts that answered, and were not asked about for want of room, or as their address has a meaning on one link only; and those
    /// among the named whose names there was no room for.
    pub left_out: u64,
}

impl ReverseCounts {
    /// Whether a name server said anything of any address.
    pub fn any_answer(&self) -> bool {
        self.named + self.unnamed > 0
    }
}

impl Header {
    /// What the reverse DNS calls the address: nothing where that is not known. An address of one link (`fe80::7%eth0`) is another
    /// machine on the next.
    pub(super) fn reverse(&self, address: Address) -> Arc<[Untrusted]> {
        let names = (address.scope == 0).then(|| self.reverse.of(address.ip));
        names.flatten().unwrap_or_default()
    }
}

/// The first of these names for JSON, and all of them where there are more.
pub(super) fn for_json(names: &[Untrusted]) -> (Option<String>, Vec<String>) {
    let first = names.first().map(Untrusted::json);
    match names {
        [] | [_] => (first, Vec::new()),
        all => (first, all.iter().map(Untrusted::json).collect()),
    }
}

/// A name in the middle of other text on a terminal. A name of hosts (RFC 1123, section 2.1) stands as it is; any other is quoted, so that
/// it can't pass for what stands around it. A quote in it becomes visible by its number.
pub(super) fn in_text(name: &Untrusted) -> String {
    let seen = name.terminal();
    let ordinary = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
    if seen.chars().all(ordinary) {
        return seen;
    }
    quoted(name)
}

/// A text in quotes on a terminal, out of which nothing gets: a quote in it becomes visible by its number.
pub(super) fn quoted(text: &Untrusted) -> String {
    format!("\"{}\"", text.terminal().replace('"', "\\u{22}"))
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn ip(n: u32) -> IpAddr {
        Ipv4Addr::from_bits(0xc000_0200 + n).into()
    }

    fn names<const N: usize>(texts: [&str; N]) -> [Untrusted; N] {
        texts.map(Untrusted::new)
    }

    #[test]
    fn an_address_has_four_names_at_most_and_none_that_is_empty() {
        let reverse = Reverse::default();
        assert!(reverse.learn(ip(7), names(["", "a", "b", "c", "d", "e"])));
        let known = reverse.of(ip(7)).unwrap();
        let shown: Vec<_> = known.iter().map(Untrusted::terminal).collect();
        assert_eq!(shown, ["a", "b", "c", "d"]);
        assert!(!reverse.learn(ip(8), names([""])));
        assert_eq!(reverse.of(ip(8)), None);
    }

    #[test]
    fn the_addresses_are_bounded() {
        let reverse = Reverse::default();
        for n in 0..Reverse::ADDRESSES as u32 {
            assert!(reverse.learn(ip(n), names(["a"])));
        }
        assert!(!reverse.learn(ip(Reverse::ADDRESSES as u32), names(["a"])));
        assert!(
            reverse.learn(ip(7), names(["b"])),
            "in place of another there is room"
        );
        assert_eq!(reverse.of(ip(7)).unwrap()[0].terminal(), "b");
    }

    #[test]
    fn the_bytes_are_bounded() {
        let reverse = Reverse::default();
        let whole = vec![b'a'; Untrusted::MOST];
        let each = Reverse::NAMES * Untrusted::MOST;
        let learn = |n| {
            reverse.learn(
                ip(n),
                std::iter::repeat_n(Untrusted::new(&whole), Reverse::NAMES),
            )
        };
        let room = (Reverse::BYTES / each) as u32;
        for n in 0..room {
            assert!(learn(n));
        }
        assert!(!learn(room));
        assert!(
            !reverse.learn(ip(room), names(["b"])),
            "not one byte is left"
        );
        assert!(reverse.learn(ip(0), names(["b"])));
        assert!(reverse.learn(ip(room), names(["b"])));
    }

    #[test]
    fn a_name_that_is_none_of_a_host_is_quoted() {
        for (name, shown) in [
            ("host-7.example_1.org", "host-7.example_1.org"),
            ("a), 192.0.2.9 (b", r#""a), 192.0.2.9 (b""#),
            ("a\"b", r#""a\u{22}b""#),
            ("a\\u{22}", r#""a\\u{22}""#),
            ("ex\u{430}mple.org", "\"ex\u{430}mple.org\""),
            ("\u{1b}[2J", r#""\u{1b}[2J""#),
        ] {
            assert_eq!(in_text(&Untrusted::new(name)), shown);
        }
    }
}
