//! The account of a scan as JSON: what a store keeps of its end. Read with patience: a field that an older version did not
//! write counts as nothing.

use std::collections::BTreeMap;

use picaporte_core::plan::MAX_PROBES;
use picaporte_core::tally::{Counts, Outages, Tally};
use picaporte_core::timing::Loss;
use picaporte_core::{Duration, Graded, Reason};
use picaporte_engine::Account;
use serde::{Deserialize, Serialize};

use super::KeptError;
use crate::report::{IdentifiedCounts, ReverseCounts};

/// What became of those that were asked beside the scan; `None` where nobody was.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Asked {
    /// What the open ports are (`--identify`).
    pub identified: Option<IdentifiedCounts>,
    /// What the addresses are called (`--reverse-dns`).
    pub reverse: Option<ReverseCounts>,
}

/// All of an account, on one line.
pub fn to_json(account: &Account, asked: &Asked) -> String {
    let wire = Wire {
        identified: asked.identified,
        reverse_dns: asked.reverse,
        ..Wire::of(account)
    };
    serde_json::to_string(&wire).expect("numbers, written to memory")
}

/// The account that was kept.
///
/// # Errors
/// [`KeptError::Account`] if it is not JSON, or counts more than a scan can.
pub fn from_json(text: &str) -> Result<(Account, Asked), KeptError> {
    let wire: Wire = serde_json::from_str(text).map_err(|e| KeptError::Account(e.to_string()))?;
    wire.check().map_err(KeptError::Account)?;
    let asked = Asked {
        identified: wire.identified,
        reverse: wire.reverse_dns,
    };
    Ok((wire.account(), asked))
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Wire {
    planned: u64,
    /// By the contract's names.
    reasons: BTreeMap<String, u64>,
    graded: WireGraded,
    extra: u64,
    attempts: u64,
    hosts: u64,
    missed_millionths: u64,
    outages: Option<WireOutages>,
    elapsed_ns: u64,
    loss: WireLoss,
    interrupted: bool,
    /// By the contract's name; anything else counts as the end of the time.
    stopped: Option<String>,
    failed_threads: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    identified: Option<IdentifiedCounts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reverse_dns: Option<ReverseCounts>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct WireGraded {
    confirmed: u64,
    handshake_only: u64,
    suspect: u64,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct WireOutages {
    times: u32,
    silent_ns: u64,
    per_second: Option<u32>,
}

#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct WireLoss {
    asked: u64,
    lost: u64,
}

fn of_services(counts: &IdentifiedCounts) -> [u64; 7] {
    let &IdentifiedCounts {
        asked,
        identified,
        unknown,
        not_asked,
        pending,
        left_alone,
        connections,
    } = counts;
    [
        asked,
        identified,
        unknown,
        not_asked,
        pending,
        left_alone,
        connections,
    ]
}

fn of_names(counts: &ReverseCounts) -> [u64; 6] {
    let &ReverseCounts {
        asked,
        named,
        unnamed,
        failed,
        unanswered,
        left_out,
    } = counts;
    [asked, named, unnamed, failed, unanswered, left_out]
}

impl Wire {
    fn of(account: &Account) -> Self {
        let Account {
            tally,
            elapsed,
            loss,
            interrupted,
            stopped,
            failed_threads,
        } = account;
        let reasons = tally.counts.iter();
        Self {
            planned: tally.planned,
            reasons: reasons
                .map(|(reason, n)| (reason.name().to_owned(), n))
                .collect(),
            graded: WireGraded {
                confirmed: tally.graded.confirmed,
                handshake_only: tally.graded.handshake_only,
                suspect: tally.graded.suspect,
            },
            extra: tally.extra,
            attempts: tally.attempts,
            hosts: tally.hosts,
            missed_millionths: tally.missed_millionths,
            outages: tally.outages.map(|outages| WireOutages {
                times: outages.times,
                silent_ns: outages.silent.as_nanos(),
                per_second: outages.per_second,
            }),
            elapsed_ns: Duration::from(*elapsed).as_nanos(),
            loss: WireLoss {
                asked: loss.asked,
                lost: loss.lost,
            },
            interrupted: *interrupted,
            stopped: stopped.map(|reason| reason.name().to_owned()),
            failed_threads: *failed_threads,
            identified: None,
            reverse_dns: None,
        }
    }

    /// Sums of what is counted here must not run over.
    fn check(&self) -> Result<(), String> {
        let graded = &self.graded;
        let mut counts = [self.planned, self.extra, self.attempts, self.hosts]
            .into_iter()
            .chain([graded.confirmed, graded.handshake_only, graded.suspect])
            .chain([self.loss.asked, self.loss.lost])
            .chain(self.reasons.values().copied())
            .chain(self.identified.iter().flat_map(of_services))
            .chain(self.reverse_dns.iter().flat_map(of_names));
        match counts.find(|&n| n > MAX_PROBES) {
            Some(n) => Err(format!(
                "it counts {n}, and no scan has more than 2^53 probes"
            )),
            None => Ok(()),
        }
    }

    fn account(self) -> Account {
        let mut counts = Counts::default();
        for &reason in Reason::ALL {
            counts.add_many(
                reason,
                self.reasons.get(reason.name()).copied().unwrap_or(0),
            );
        }
        Account {
            tally: Tally {
                planned: self.planned,
                counts,
                graded: Graded {
                    confirmed: self.graded.confirmed,
                    handshake_only: self.graded.handshake_only,
                    suspect: self.graded.suspect,
                },
                extra: self.extra,
                attempts: self.attempts,
                hosts: self.hosts,
                missed_millionths: self.missed_millionths,
                outages: self.outages.map(|outages| Outages {
                    times: outages.times,
                    silent: Duration::from_nanos(outages.silent_ns),
                    per_second: outages.per_second,
                }),
            },
            elapsed: Duration::from_nanos(self.elapsed_ns).into(),
            loss: Loss {
                asked: self.loss.asked,
                lost: self.loss.lost,
            },
            interrupted: self.interrupted,
            stopped: self.stopped.map(|name| {
                let known = Reason::ALL.iter().find(|reason| reason.name() == name);
                known.copied().unwrap_or(Reason::TimeLimit)
            }),
            failed_threads: self.failed_threads,
        }
    }
}
