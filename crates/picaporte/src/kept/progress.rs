//! What stands beside the ports of a scan that goes on: what was spent, and what is known of hosts that are not done. One
//! body takes the place of the one before, in the commit that holds the ports it belongs to.

use std::collections::BTreeMap;
use std::net::IpAddr;

use picaporte_core::known::{Sketch, Spent};
use picaporte_core::scan::{HostReport, Slowed};
use picaporte_core::tally::Outages;
use picaporte_core::timing::Loss;
use picaporte_core::{Address, Duration, Graded, Icmp, PortSet, Reason};
use picaporte_store::ResumeState;
use serde::{Deserialize, Serialize};

use super::KeptError;

/// The layout of what is written here.
const VERSION: u8 = 1;
/// The most that is believed of a file about one host: more kinds of errors are not counted.
const MOST_REJECTS: usize = picaporte_core::scan::MAX_REJECTS;

#[derive(Serialize, Deserialize)]
struct Body {
    version: u8,
    attempts: u64,
    extra: u64,
    missed_millionths: u64,
    asked: u64,
    lost: u64,
    outages: Option<(u32, u64, Option<u32>)>,
    elapsed_nanos: u64,
    hosts: Vec<Host>,
}

#[derive(Serialize, Deserialize)]
struct Host {
    index: u64,
    ip: IpAddr,
    scope: u32,
    graded: (u64, u64, u64),
    answers_everything: bool,
    first_rejected: u32,
    rejects: Vec<Reject>,
    slowed: Option<(u32, u32)>,
}

#[derive(Serialize, Deserialize)]
struct Reject {
    v6: bool,
    kind: u8,
    code: u8,
    from: Option<(IpAddr, u32)>,
    ports: u32,
}

/// What was kept of a scan beside its ports.
#[derive(Debug, Default)]
pub(crate) struct Beside {
    pub(crate) spent: Spent,
    sketches: BTreeMap<u64, Sketch>,
}

impl Beside {
    /// Reads what the store has of it.
    ///
    /// # Errors
    /// What [`from_bytes`] refuses.
    pub(crate) fn of(state: &ResumeState) -> Result<Self, KeptError> {
        Self::read(state.progress.first().map_or(&[][..], |(_, bytes)| bytes))
    }

    /// Reads the bytes themselves.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, KeptError> {
        let (spent, sketches) = from_bytes(bytes)?;
        let by_number = sketches.into_iter().map(|sketch| (sketch.index, sketch));
        Ok(Self {
            spent,
            sketches: by_number.collect(),
        })
    }

    /// A host that is not done, with what is known of its ports.
    pub(crate) fn host(
        &self,
        index: u64,
        address: Address,
        ports: &[(Reason, PortSet)],
    ) -> HostReport {
        match self.sketches.get(&index) {
            // Another address than the plan's would be another host.
            Some(sketch) if sketch.address == address => HostReport::restored(sketch, ports),
            _ => HostReport::restored(&HostReport::blank(index, address), ports),
        }
    }
}

/// Bytes for the store.
pub(crate) fn to_bytes<'a>(spent: &Spent, sketches: impl Iterator<Item = &'a Sketch>) -> Vec<u8> {
    let body = Body {
        version: VERSION,
        attempts: spent.attempts,
        extra: spent.extra,
        missed_millionths: spent.missed_millionths,
        asked: spent.loss.asked,
        lost: spent.loss.lost,
        outages: (spent.outages).map(|o| (o.times, o.silent.as_nanos(), o.per_second)),
        elapsed_nanos: spent.elapsed.as_nanos(),
        hosts: sketches.map(Host::of).collect(),
    };
    // Nothing in it can't be written, and a vector takes all.
    postcard::to_allocvec(&body).unwrap_or_default()
}

/// What was written, or why it can't be read.
///
/// # Errors
/// Bytes of another version, or of nobody.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<(Spent, Vec<Sketch>), KeptError> {
    if bytes.is_empty() {
        return Ok((Spent::default(), Vec::new()));
    }
    if bytes[0] != VERSION {
        return Err(KeptError::OtherProgress);
    }
    let body: Body = postcard::from_bytes(bytes).map_err(|_| KeptError::Progress)?;
    let spent = Spent {
        attempts: body.attempts,
        extra: body.extra,
        missed_millionths: body.missed_millionths,
        loss: Loss {
            asked: body.asked,
            lost: body.lost,
        },
        outages: body.outages.map(|(times, silent, per_second)| Outages {
            times,
            silent: Duration::from_nanos(silent),
            per_second,
        }),
        elapsed: Duration::from_nanos(body.elapsed_nanos),
    };
    Ok((spent, body.hosts.into_iter().map(Host::sketch).collect()))
}

impl Host {
    fn of(sketch: &Sketch) -> Self {
        let graded = sketch.graded;
        Self {
            index: sketch.index,
            ip: sketch.address.ip,
            scope: sketch.address.scope,
            graded: (graded.confirmed, graded.handshake_only, graded.suspect),
            answers_everything: sketch.answers_everything,
            first_rejected: sketch.first_rejected,
            rejects: sketch.rejects.iter().map(Reject::of).collect(),
            slowed: sketch.slowed.map(|s| (s.times, s.per_second)),
        }
    }

    fn sketch(self) -> Sketch {
        let (confirmed, handshake_only, suspect) = self.graded;
        let address = Address {
            ip: self.ip,
            scope: self.scope,
        };
        Sketch {
            graded: Graded {
                confirmed,
                handshake_only,
                suspect,
            },
            answers_everything: self.answers_everything,
            first_rejected: self.first_rejected,
            rejects: (self.rejects.into_iter().take(MOST_REJECTS))
                .map(Reject::icmp)
                .collect(),
            slowed: (self.slowed).map(|(times, per_second)| Slowed { times, per_second }),
            ..Sketch::blank(self.index, address)
        }
    }
}

impl Reject {
    fn of(&(icmp, ports): &(Icmp, u32)) -> Self {
        Self {
            v6: icmp.v6,
            kind: icmp.kind,
            code: icmp.code,
            from: icmp.from.map(|from| (from.ip, from.scope)),
            ports,
        }
    }

    fn icmp(self) -> (Icmp, u32) {
        let from = self.from.map(|(ip, scope)| Address { ip, scope });
        let icmp = Icmp {
            v6: self.v6,
            kind: self.kind,
            code: self.code,
            from,
        };
        (icmp, self.ports)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn sketch(index: u64, graded: [u16; 3], rejects: &[(u8, u8, Option<u32>, u32)]) -> Sketch {
        let address = |n: u32| Address::new(IpAddr::V4(n.into()));
        let [confirmed, handshake_only, suspect] = graded.map(u64::from);
        Sketch {
            graded: Graded {
                confirmed,
                handshake_only,
                suspect,
            },
            answers_everything: suspect > 0,
            first_rejected: rejects.len() as u32,
            rejects: (rejects.iter())
                .map(|&(kind, code, from, ports)| {
                    let from = from.map(address);
                    let v6 = kind > 100;
                    (
                        Icmp {
                            v6,
                            kind,
                            code,
                            from,
                        },
                        ports,
                    )
                })
                .collect(),
            slowed: index.is_multiple_of(2).then_some(Slowed {
                times: 3,
                per_second: 40,
            }),
            ..Sketch::blank(index, address(index as u32))
        }
    }

    proptest! {
        #[test]
        fn what_was_written_comes_back(
            counts: [u32; 6],
            outages in proptest::option::of((any::<u32>(), any::<u64>(), proptest::option::of(any::<u32>()))),
            hosts in proptest::collection::vec(
                (any::<u64>(), any::<[u16; 3]>(), proptest::collection::vec((any::<u8>(), any::<u8>(), any::<Option<u32>>(), any::<u32>()), 0..4)),
                0..5,
            ),
        ) {
            let [attempts, extra, missed_millionths, asked, lost, elapsed] = counts.map(u64::from);
            let spent = Spent {
                attempts,
                extra,
                missed_millionths,
                loss: Loss { asked, lost },
                outages: outages.map(|(times, silent, per_second)| Outages { times, silent: Duration::from_nanos(silent), per_second }),
                elapsed: Duration::from_nanos(elapsed),
            };
            let sketches: Vec<_> = hosts.iter().map(|(index, graded, rejects)| sketch(*index, *graded, rejects)).collect();
            let bytes = to_bytes(&spent, sketches.iter());
            prop_assert_eq!(from_bytes(&bytes), Ok((spent, sketches)));
        }

        #[test]
        fn any_bytes_are_read_or_refused(mut bytes: Vec<u8>) {
            if let Some(first) = bytes.first_mut() {
                *first = VERSION;
            }
            let _ = from_bytes(&bytes);
        }
    }

    #[test]
    fn bytes_of_another_version_are_refused() {
        assert_eq!(from_bytes(&[]), Ok((Spent::default(), Vec::new())));
        assert!(from_bytes(&[VERSION + 1, 0]).is_err());
    }
}
