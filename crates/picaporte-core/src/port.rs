//! TCP ports and sets of them: parsed once, printed canonically.
//!
//! Service names are not known here; whoever parses hands in a way to look them up.

use std::fmt;
use std::num::NonZeroU16;
use std::sync::Arc;

/// A TCP port, 1 to 65535. Port 0 is reserved (RFC 6335, section 6) and can't be written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port(NonZeroU16);

impl Port {
    /// The port with this number, unless it is 0.
    pub const fn new(number: u16) -> Option<Self> {
        match NonZeroU16::new(number) {
            Some(n) => Some(Self(n)),
            None => None,
        }
    }

    /// Its number, never 0.
    pub const fn get(self) -> u16 {
        self.0.get()
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Why a piece of a port list was refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortError {
    /// Nothing between two commas, or an empty list.
    #[error("an empty item in the port list '{0}'; write it like 22,80,8000-8100")]
    Empty(String),
    /// A number outside 1–65535.
    #[error("'{0}' is not a port: ports are 1 to 65535")]
    OutOfRange(String),
    /// A range whose end lies before its beginning.
    #[error("the port range '{0}' runs backwards; write the lower port first")]
    Backwards(String),
    /// Neither a number, a range nor a known service.
    #[error("'{0}' is neither a port, a range of ports nor a known service name")]
    Unknown(String),
}

/// A set of ports, kept as sorted ranges that neither touch nor overlap.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortSet {
    ranges: Vec<(u16, u16)>,
}

impl PortSet {
    /// No port.
    pub const fn empty() -> Self {
        Self { ranges: Vec::new() }
    }

    /// Every port, 1 to 65535.
    pub fn all() -> Self {
        Self {
            ranges: vec![(1, u16::MAX)],
        }
    }

    /// Reads a list such as `22,80,8000-8100`, `-` or `all` (every port), `-1023`, `60000-`.
    /// An item that is none of these is handed to `lookup`, which knows service names.
    ///
    /// # Errors
    /// The first item that is refused, with the reason.
    pub fn parse(text: &str, lookup: &dyn Fn(&str) -> Option<Vec<u16>>) -> Result<Self, PortError> {
        let mut ranges = Vec::new();
        for item in text.split(',').map(str::trim) {
            match item {
                "" => return Err(PortError::Empty(text.to_owned())),
                "-" | "all" => ranges.push((1, u16::MAX)),
                _ => parse_item(item, lookup, &mut ranges)?,
            }
        }
        Ok(Self::from_ranges(ranges))
    }

    /// The set of these ports; 0 is left out.
    pub fn from_ports(ports: impl IntoIterator<Item = u16>) -> Self {
        let mut ranges: Vec<(u16, u16)> = Vec::new();
        for port in ports {
            match ranges.last_mut() {
                Some(last) if last.1 != u16::MAX && last.1 + 1 == port => last.1 = port,
                _ => ranges.push((port, port)),
            }
        }
        Self::from_ranges(ranges)
    }

    /// The union of these inclusive ranges; port 0 is left out.
    pub fn from_ranges(mut ranges: Vec<(u16, u16)>) -> Self {
        ranges.retain(|r| r.0 <= r.1 && r.1 > 0);
        for range in &mut ranges {
            range.0 = range.0.max(1);
        }
        ranges.sort_unstable();
        Self {
            ranges: merged(ranges.into_iter(), std::iter::empty()),
        }
    }

    /// How many ports are in the set, at most 65,535.
    pub fn len(&self) -> u32 {
        self.ranges.iter().map(|r| u32::from(r.1 - r.0) + 1).sum()
    }

    /// Whether no port is in the set.
    pub fn is_empty(&self) -> bool {
        self.ranges.is_empty()
    }

    /// Whether this port is in the set.
    pub fn contains(&self, port: u16) -> bool {
        let after = self.ranges.partition_point(|r| r.0 <= port);
        after > 0 && self.ranges[after - 1].1 >= port
    }

    /// The ports, ascending.
    pub fn iter(&self) -> impl Iterator<Item = u16> + '_ {
        self.ranges.iter().flat_map(|r| r.0..=r.1)
    }

    /// The inclusive ranges, ascending, that neither touch nor overlap.
    pub fn ranges(&self) -> &[(u16, u16)] {
        &self.ranges
    }

    /// Every port that is in either set; takes time linear in the ranges of both.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        let mut ranges = merged(self.ranges.iter().copied(), other.ranges.iter().copied());
        ranges.shrink_to_fit();
        Self { ranges }
    }

    /// Every port of this set that is not in `other`; takes time linear in the ranges of both.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        Self {
            ranges: without(self.ranges.iter().copied(), other.ranges.iter().copied()),
        }
    }
}

/// The union of two sorted sequences of ranges, each of which may touch and overlap within itself. Each is walked once.
fn merged(
    ours: impl Iterator<Item = (u16, u16)>,
    theirs: impl Iterator<Item = (u16, u16)>,
) -> Vec<(u16, u16)> {
    let (mut ours, mut theirs) = (ours.peekable(), theirs.peekable());
    let mut merged: Vec<(u16, u16)> = Vec::with_capacity(ours.size_hint().0 + theirs.size_hint().0);
    loop {
        let ours_is_next = match (ours.peek(), theirs.peek()) {
            (Some(our), Some(their)) => our <= their,
            (our, _) => our.is_some(),
        };
        let next = if ours_is_next {
            ours.next()
        } else {
            theirs.next()
        };
        let Some((first, last)) = next else {
            return merged;
        };
        match merged.last_mut() {
            Some(m) if u32::from(first) <= u32::from(m.1) + 1 => m.1 = m.1.max(last),
            _ => merged.push((first, last)),
        }
    }
}

/// What is left of `ours` without `theirs`, both sorted and free of overlaps. Each is walked once.
fn without(
    ours: impl Iterator<Item = (u16, u16)>,
    theirs: impl Iterator<Item = (u16, u16)>,
) -> Vec<(u16, u16)> {
    let mut theirs = theirs.peekable();
    let mut kept = Vec::new();
    for (first, last) in ours {
        let mut at = u32::from(first);
        // One that reaches beyond this range may cover the beginning of the next, and stays.
        while let Some((from, to)) = theirs.next_if(|their| their.1 <= last) {
            if u32::from(from) > at {
                kept.push((at as u16, from - 1));
            }
            at = at.max(u32::from(to) + 1);
        }
        let end = match theirs.peek() {
            Some(&(from, _)) if from <= last => u32::from(from),
            _ => u32::from(last) + 1,
        };
        if at < end {
            kept.push((at as u16, (end - 1) as u16));
        }
    }
    kept
}

/// Prints as ranges: `22,80,8000-8100`; the empty set prints nothing.
impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, (first, last)) in self.ranges.iter().enumerate() {
            if i > 0 {
                f.write_str(",")?;
            }
            if first == last {
                write!(f, "{first}")?;
            } else {
                write!(f, "{first}-{last}")?;
            }
        }
        Ok(())
    }
}

/// A [`PortSet`] laid out flat, so that the n-th port is one look away; shared by all its hosts.
pub type PortList = Arc<[u16]>;

/// Lays a set out as a list, ascending.
pub fn port_list(set: &PortSet) -> PortList {
    set.iter().collect()
}

fn parse_item(
    item: &str,
    lookup: &dyn Fn(&str) -> Option<Vec<u16>>,
    ranges: &mut Vec<(u16, u16)>,
) -> Result<(), PortError> {
    if item.bytes().all(|b| b.is_ascii_digit()) {
        let port = number(item)?;
        ranges.push((port, port));
        return Ok(());
    }
    if item.bytes().all(|b| b.is_ascii_digit() || b == b'-') && item.matches('-').count() == 1 {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let first = if first.is_empty() { 1 } else { number(first)? };
        let last = if last.is_empty() {
            u16::MAX
        } else {
            number(last)?
        };
        if first > last {
            return Err(PortError::Backwards(item.to_owned()));
        }
        ranges.push((first, last));
        return Ok(());
    }
    let found = lookup(item).unwrap_or_default();
    if found.is_empty() {
        return Err(PortError::Unknown(item.to_owned()));
    }
    ranges.extend(found.into_iter().map(|p| (p, p)));
    Ok(())
}

fn number(text: &str) -> Result<u16, PortError> {
    match text.parse::<u16>() {
        Ok(n) if n > 0 => Ok(n),
        _ => Err(PortError::OutOfRange(text.to_owned())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn no_names(_: &str) -> Option<Vec<u16>> {
        None
    }

    fn parse(text: &str) -> Result<PortSet, PortError> {
        PortSet::parse(text, &no_names)
    }

    #[test]
    fn reads_what_the_contract_lists() {
        assert_eq!(
            parse("22,80,8000-8100").unwrap().to_string(),
            "22,80,8000-8100"
        );
        assert_eq!(parse("-").unwrap(), PortSet::all());
        assert_eq!(parse("all").unwrap().len(), 65_535);
        assert_eq!(parse("-3").unwrap().to_string(), "1-3");
        assert_eq!(parse("65534-").unwrap().to_string(), "65534-65535");
        let ssh = PortSet::parse("ssh,80", &|n| (n == "ssh").then(|| vec![22])).unwrap();
        assert_eq!(ssh.to_string(), "22,80");
    }

    #[test]
    fn refuses_with_the_offending_text() {
        for (text, says) in [
            ("0", "'0'"),
            ("1-70000", "'70000'"),
            ("80-22", "'80-22'"),
            ("22,,80", "'22,,80'"),
            ("", "''"),
            ("22,nosuch", "'nosuch'"),
            ("1-2-3", "'1-2-3'"),
            ("99999999999", "'99999999999'"),
        ] {
            let error = parse(text).unwrap_err().to_string();
            assert!(error.contains(says), "{text}: {error}");
        }
    }

    /// Ranges, and how often one was asked for.
    fn counted(
        ranges: Vec<(u16, u16)>,
        asked: std::rc::Rc<std::cell::Cell<usize>>,
    ) -> impl Iterator<Item = (u16, u16)> + use<> {
        let mut ranges = ranges.into_iter();
        std::iter::from_fn(move || {
            asked.set(asked.get() + 1);
            ranges.next()
        })
    }

    #[test]
    fn minus_and_union_walk_each_set_once() {
        let odd = PortSet::from_ports((1..=u16::MAX).step_by(2));
        let third = PortSet::from_ports((1..=u16::MAX).step_by(3));
        let most = odd.ranges().len() + third.ranges().len() + 4;
        for walk in [merged, without] {
            let asked = std::rc::Rc::default();
            let of = |set: &PortSet| counted(set.ranges().to_vec(), std::rc::Rc::clone(&asked));
            assert!(!walk(of(&odd), of(&third)).is_empty());
            assert!(asked.get() <= most, "{} of {most}", asked.get());
        }
        assert_eq!(odd.minus(&third).len(), 32_768 - 10_923);
        assert_eq!(odd.union(&third).len(), 32_768 + 10_922);
        assert_eq!(PortSet::all().minus(&odd).len(), 32_767);
        assert!(odd.minus(&PortSet::all()).is_empty());
        assert_eq!(odd.minus(&PortSet::empty()), odd);
    }

    proptest! {
        #[test]
        fn what_minus_and_union_leave_is_as_short_as_can_be(
            a in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..40),
            b in proptest::collection::vec((any::<u16>(), any::<u16>()), 0..40),
        ) {
            let (a, b) = (PortSet::from_ranges(a), PortSet::from_ranges(b));
            for set in [a.minus(&b), a.union(&b)] {
                prop_assert_eq!(&PortSet::from_ranges(set.ranges().to_vec()), &set);
            }
            prop_assert_eq!(a.minus(&b).union(&b), a.union(&b));
            prop_assert!(a.minus(&b).minus(&a).is_empty());
        }

        #[test]
        fn printing_and_parsing_agree(ports in proptest::collection::vec(1u16.., 1..200)) {
            let set = PortSet::from_ports(ports.iter().copied());
            prop_assert_eq!(parse(&set.to_string()).unwrap(), set.clone());
            let mut want = ports;
            want.sort_unstable();
            want.dedup();
            prop_assert_eq!(set.iter().collect::<Vec<_>>(), want);
        }

        #[test]
        fn minus_and_union_are_those_of_sets(
            a in proptest::collection::vec((1u16..300, 0u16..20), 0..20),
            b in proptest::collection::vec((1u16..300, 0u16..20), 0..20),
        ) {
            let set = |v: &[(u16, u16)]| PortSet::from_ranges(v.iter().map(|&(f, n)| (f, f + n)).collect());
            let (a, b) = (set(&a), set(&b));
            for port in 1..400 {
                prop_assert_eq!(a.minus(&b).contains(port), a.contains(port) && !b.contains(port));
                prop_assert_eq!(a.union(&b).contains(port), a.contains(port) || b.contains(port));
            }
        }

        #[test]
        fn never_panics(text in "\\PC{0,40}") {
            let _ = parse(&text);
        }
    }
}
