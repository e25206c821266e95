//! What was decided of hosts that are not done: a log of what each second brought, so that a scan can be gone on with at
//! the port at which it was cut off.
//!
//! A log, because it costs what is new. The state of all active hosts, written every second, would be 16,384 hosts of 8 KiB
//! at worst; what 150,000 verdicts bring is 300 to 470 KB. From time to time the log is written anew as one snapshot, without
//! the hosts that were done by then; it is never longer than twice that, and [`LEAST`] more.
//!
//! Layout of a body: 1 if it is a snapshot, which takes the place of all before it, else 0. Then for each host, ascending: how
//! far its number is from the last one's; how many reasons follow, 0 if the host is done; for each its number and its ports.

use std::collections::BTreeMap;

use picaporte_core::{Decided, PortSet, Reason};

use crate::portset;
use crate::record::{reason_code, take_reason};
use crate::wire::{Bad, Put, Take};

/// How many bytes of the log are not worth a snapshot.
pub(crate) const LEAST: usize = 8 << 20;

/// A host that is not done, and what was decided of it: disjoint sets, if each port was told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingHost {
    /// The host's number in the plan.
    pub host: u64,
    /// Its ports by reason, in the order of the contract.
    pub ports: Vec<(Reason, PortSet)>,
}

/// One chunk's body from what it brought; empty if it brought nothing. Hosts that are done by its end are told as that alone.
pub(crate) fn delta(mut decided: Vec<Decided>, mut done: Vec<u64>) -> Vec<u8> {
    decided.sort_unstable();
    done.sort_unstable();
    done.dedup();
    let mut writer = BodyWriter::new(false);
    let mut done = done.into_iter().peekable();
    for ports in decided.chunk_by(|a, b| a.host == b.host) {
        let host = ports[0].host;
        while let Some(before) = done.next_if(|&done| done < host) {
            writer.host(before, &[]);
        }
        if done.peek() != Some(&host) {
            writer.host(host, &by_reason(ports));
        }
    }
    done.for_each(|host| writer.host(host, &[]));
    writer.body()
}

fn by_reason(ports: &[Decided]) -> Vec<(Reason, PortSet)> {
    ports
        .chunk_by(|a, b| a.reason == b.reason)
        .map(|ports| {
            let set = PortSet::from_ports(ports.iter().map(|d| d.port));
            (ports[0].reason, set)
        })
        .collect()
}

struct BodyWriter {
    out: Vec<u8>,
    last: u64,
}

impl BodyWriter {
    fn new(snapshot: bool) -> Self {
        Self {
            out: vec![snapshot.into()],
            last: 0,
        }
    }

    fn host(&mut self, host: u64, ports: &[(Reason, PortSet)]) {
        self.out.varint(host - self.last);
        self.last = host;
        self.out.varint(ports.len() as u64);
        for (reason, set) in ports {
            self.out.push(reason_code(*reason));
            portset::put(set, &mut self.out);
        }
    }

    fn body(self) -> Vec<u8> {
        // An empty snapshot says something; an empty delta does not.
        if self.out == [0] {
            Vec::new()
        } else {
            self.out
        }
    }
}

/// Whether a body takes the place of all before it.
pub(crate) fn is_snapshot(body: &[u8]) -> bool {
    body.first() == Some(&1)
}

/// The log, read from its beginning.
#[derive(Clone, Debug, Default)]
pub(crate) struct Pending {
    hosts: BTreeMap<u64, BTreeMap<Reason, Gathered>>,
}

/// Ranges that are put in order now and then: the union with each of a hundred bodies would walk the set a hundred times.
#[derive(Clone, Debug, Default)]
struct Gathered {
    ranges: Vec<(u16, u16)>,
    in_order: usize,
}

impl Gathered {
    fn add(&mut self, set: &PortSet) {
        self.ranges.extend_from_slice(set.ranges());
        if self.ranges.len() > 2 * self.in_order + 64 {
            let set = PortSet::from_ranges(std::mem::take(&mut self.ranges));
            self.ranges = set.ranges().to_vec();
            self.in_order = self.ranges.len();
        }
    }
}

impl Pending {
    /// Reads the next body.
    pub(crate) fn read(&mut self, body: &[u8]) -> Result<(), Bad> {
        if is_snapshot(body) {
            self.hosts.clear();
        }
        let mut take = Take(body);
        take.u8()?;
        let mut host: u64 = 0;
        while !take.is_empty() {
            let next = host.checked_add(take.varint()?);
            host = next.ok_or(Bad::Host)?;
            self.read_host(host, &mut take)?;
        }
        Ok(())
    }

    fn read_host(&mut self, host: u64, take: &mut Take<'_>) -> Result<(), Bad> {
        let reasons = take.varint()?;
        if reasons == 0 {
            self.hosts.remove(&host);
            return Ok(());
        }
        let kept = self.hosts.entry(host).or_default();
        for _ in 0..reasons {
            let reason = take_reason(take)?;
            kept.entry(reason).or_default().add(&portset::take(take)?);
        }
        Ok(())
    }

    /// Every host that is not done, by number.
    pub(crate) fn into_hosts(self) -> impl Iterator<Item = PendingHost> {
        self.hosts.into_iter().map(|(host, ports)| PendingHost {
            host,
            ports: ports
                .into_iter()
                .map(|(reason, ports)| (reason, PortSet::from_ranges(ports.ranges)))
                .collect(),
        })
    }

    /// All of it as one body.
    pub(crate) fn snapshot(self) -> Vec<u8> {
        let mut writer = BodyWriter::new(true);
        self.into_hosts()
            .for_each(|pending| writer.host(pending.host, &pending.ports));
        writer.body()
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;
    use crate::record::tests::reasons;

    type Model = BTreeMap<u64, BTreeMap<Reason, std::collections::BTreeSet<u16>>>;

    fn chunks() -> impl Strategy<Value = Vec<(Vec<Decided>, Vec<u64>, bool)>> {
        let decided = (0u64..6, reasons(), 1u16..90).prop_map(|(host, reason, port)| Decided {
            host,
            reason,
            port,
        });
        vec(
            (vec(decided, 0..150), vec(0u64..6, 0..2), any::<bool>()),
            0..8,
        )
    }

    fn modelled(model: &Model) -> Vec<PendingHost> {
        let sets = |ports: &BTreeMap<Reason, std::collections::BTreeSet<u16>>| {
            let set = |ports: &std::collections::BTreeSet<u16>| {
                PortSet::from_ports(ports.iter().copied())
            };
            ports
                .iter()
                .map(|(&reason, ports)| (reason, set(ports)))
                .collect()
        };
        let hosts = model.iter().map(|(&host, ports)| PendingHost {
            host,
            ports: sets(ports),
        });
        hosts.collect()
    }

    #[test]
    fn nothing_new_takes_no_body_and_nothing_pending_a_short_one() {
        assert!(delta(Vec::new(), Vec::new()).is_empty());
        assert_eq!(Pending::default().snapshot(), [1]);
        assert_eq!(delta(Vec::new(), vec![3]), [0, 3, 0]);
    }

    #[test]
    fn a_second_of_150_000_closed_ports_takes_half_a_megabyte_at_most() {
        // Each of 4,096 hosts has its own order of ports: what comes of them in one second lies anywhere.
        let port = |n: u64| (n.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 48) as u16;
        let one = |n: u64| Decided {
            host: n % 4096,
            reason: Reason::ConnRefused,
            port: port(n).max(1),
        };
        let body = delta((0..150_000).map(one).collect(), Vec::new());
        assert!(body.len() <= 500_000, "{}", body.len());
    }

    proptest! {
        #[test]
        fn the_log_is_what_was_decided_of_hosts_that_are_not_done(chunks in chunks()) {
            let (mut pending, mut model) = (Pending::default(), Model::new());
            for (decided, done, snapshot) in chunks {
                for d in &decided {
                    model.entry(d.host).or_default().entry(d.reason).or_default().insert(d.port);
                }
                model.retain(|host, _| !done.contains(host));
                let body = delta(decided, done);
                if !body.is_empty() {
                    pending.read(&body).unwrap();
                }
                if snapshot {
                    let body = pending.snapshot();
                    prop_assert!(is_snapshot(&body));
                    pending = Pending::default();
                    pending.read(&delta(vec![Decided { host: 9, reason: Reason::SynAck, port: 9 }], vec![])).unwrap();
                    pending.read(&body).unwrap();
                }
                prop_assert_eq!(pending.clone().into_hosts().collect::<Vec<_>>(), modelled(&model));
            }
        }

        #[test]
        fn any_bytes_are_read_or_refused(body: Vec<u8>) {
            let mut pending = Pending::default();
            if pending.read(&body).is_ok() {
                prop_assert!(pending.hosts.len() <= body.len());
            }
        }
    }
}
