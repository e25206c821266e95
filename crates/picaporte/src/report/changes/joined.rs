//! Long lists made short: ports as ranges, hosts as ranges of addresses, no more than a few of each.

use std::fmt::Write as _;
use std::net::IpAddr;

use picaporte_core::PortSet;
use picaporte_diff::{HostChanges, HostId, PortChange};

use crate::report::Lang;
use crate::words::nouns::{HOST, MORE_HOSTS, MORE_PORTS};

/// Up to how many ranges are told; JSON has them all.
const RANGES: usize = 12;

/// `22, 80, 8000-8100`, and how many more there are.
pub(in crate::report) fn ports(lang: Lang, set: &PortSet) -> String {
    let told = &set.ranges()[..set.ranges().len().min(RANGES)];
    let told_ports: u32 = told
        .iter()
        .map(|(first, last)| u32::from(last - first) + 1)
        .sum();
    let one = |&(first, last): &(u16, u16)| {
        if first == last {
            first.to_string()
        } else {
            format!("{first}-{last}")
        }
    };
    let words: Vec<String> = told.iter().map(one).collect();
    let (words, left) = (words.join(", "), set.len() - told_ports);
    match left {
        0 => words,
        n => say!(
            lang,
            "{words} and {more}",
            "{words} y {more}",
            words = words,
            more = lang.count(n.into(), MORE_PORTS)
        ),
    }
}

/// `192.0.2.1-192.0.2.6, 192.0.2.9`, and how many more there are. The hosts are in order; `seen` is what a
/// zone, which a file may call as it likes, becomes.
pub(in crate::report) fn hosts(
    lang: Lang,
    hosts: &[&HostId],
    seen: impl Fn(&str) -> String,
) -> String {
    let ranges = in_a_row(hosts);
    let told = &ranges[..ranges.len().min(RANGES)];
    let one = |(first, last, size): &(&HostId, &HostId, usize)| match size {
        1 => seen(&first.to_string()),
        _ => format!("{}-{}", seen(&first.to_string()), seen(&last.to_string())),
    };
    let mut text = told.iter().map(one).collect::<Vec<_>>().join(", ");
    let told_hosts: usize = told.iter().map(|(.., size)| size).sum();
    let left = hosts.len() - told_hosts;
    if left > 0 {
        text.push_str(&say!(
            lang,
            " and {more}",
            " y {more}",
            more = lang.count(left as u64, MORE_HOSTS)
        ));
    }
    if hosts.len() > 1 {
        let _ = write!(text, " ({})", lang.count(hosts.len() as u64, HOST));
    }
    text
}

/// The first and the last of hosts whose addresses follow each other, and how many they are.
pub(in crate::report) fn in_a_row<'a>(
    hosts: &[&'a HostId],
) -> Vec<(&'a HostId, &'a HostId, usize)> {
    let mut ranges: Vec<(&HostId, &HostId, usize)> = Vec::new();
    for &host in hosts {
        match ranges.last_mut() {
            Some((_, last, size)) if follows(last, host) => {
                *last = host;
                *size += 1;
            }
            _ => ranges.push((host, host, 1)),
        }
    }
    ranges
}

/// Of whom changes are told.
pub(super) fn ids<'a>(hosts: &[&'a HostChanges]) -> Vec<&'a HostId> {
    hosts.iter().map(|host| &host.id).collect()
}

/// Whether the second address comes right after the first, in one family and without zones.
fn follows(first: &HostId, second: &HostId) -> bool {
    match (first, second) {
        (HostId::Address(IpAddr::V4(a), None), HostId::Address(IpAddr::V4(b), None)) => {
            a.to_bits().checked_add(1) == Some(b.to_bits())
        }
        (HostId::Address(IpAddr::V6(a), None), HostId::Address(IpAddr::V6(b), None)) => {
            a.to_bits().checked_add(1) == Some(b.to_bits())
        }
        _ => false,
    }
}

/// Hosts of which nothing is known to have changed, by what can't be compared of them.
#[derive(Debug, Default)]
pub(super) struct Groups<'a> {
    groups: std::collections::BTreeMap<([bool; 2], &'a [PortChange]), Vec<&'a HostChanges>>,
}

impl<'a> Groups<'a> {
    pub(super) fn add(&mut self, host: &'a HostChanges) {
        let key = (host.mentioned, &host.ports[..]);
        self.groups.entry(key).or_default().push(host);
    }

    /// Each group, in the order of their first hosts.
    pub(super) fn in_order(self) -> Vec<Vec<&'a HostChanges>> {
        let mut groups: Vec<_> = self.groups.into_values().collect();
        groups.sort_by(|a, b| a[0].id.cmp(&b[0].id));
        groups
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn joined(list: &[&str]) -> String {
        let list: Vec<_> = list
            .iter()
            .map(|text| HostId::parse(text).unwrap())
            .collect();
        hosts(Lang::En, &list.iter().collect::<Vec<_>>(), str::to_owned)
    }

    #[test]
    fn addresses_in_a_row_are_a_range() {
        assert_eq!(joined(&["192.0.2.7"]), "192.0.2.7");
        assert_eq!(
            joined(&[
                "192.0.2.254",
                "192.0.2.255",
                "192.0.3.0",
                "192.0.3.2",
                "2001:db8::1",
                "2001:db8::2"
            ]),
            "192.0.2.254-192.0.3.0, 192.0.3.2, 2001:db8::1-2001:db8::2 (6 hosts)"
        );
        assert_eq!(
            joined(&["255.255.255.255", "fe80::1%a", "fe80::2%a"]),
            "255.255.255.255, fe80::1%a, fe80::2%a (3 hosts)"
        );
    }

    #[test]
    fn no_more_than_a_few_are_told() {
        let apart: Vec<String> = (0..RANGES + 2)
            .map(|n| format!("192.0.2.{}", n * 2))
            .collect();
        let apart: Vec<&str> = apart.iter().map(String::as_str).collect();
        let text = joined(&apart);
        assert!(
            text.ends_with("192.0.2.22 and 2 more hosts (14 hosts)"),
            "{text}"
        );
        let odd = PortSet::from_ports((1..100).step_by(2));
        assert_eq!(
            ports(Lang::En, &odd),
            "1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23 and 38 more ports"
        );
        assert_eq!(
            ports(Lang::En, &PortSet::from_ranges(vec![(1, 9), (80, 80)])),
            "1-9, 80"
        );
        let one_more = PortSet::from_ports((1..26).step_by(2));
        assert!(ports(Lang::En, &one_more).ends_with("23 and 1 more port"));
    }
}
