//! A scan against answers that follow no network at all: late, twice, out of turn, as a script
//! says. Whatever comes, every port must be accounted for. Property tests and the fuzzer use it.

use crate::grade::{Ending, Heard, Options, Peer};
use crate::outcome::{Departure, Icmp, LocalError, Outcome, ProbeId};
use crate::scan::{Report, Scan, Step};
use crate::time::{Duration, Instant};

/// One line of a script: what is answered, after how many ms, and to which attempt.
#[derive(Clone, Copy, Debug)]
pub struct Line {
    /// Chooses the outcome.
    pub outcome: u8,
    /// Milliseconds that pass before.
    pub delay: u16,
    /// Chooses among all attempts that were ever made.
    pub attempt: u16,
}

/// How many steps a scripted scan may take before it counts as stuck.
const STEPS: u32 = 50_000;

/// Plays a script, then answers everything in order. Gives what was reported; `None` if the scan
/// does not come to its end.
pub fn play(scan: &mut Scan, script: &[Line]) -> Option<Vec<Report>> {
    let (mut now, mut reports, mut asked) = (Instant::ZERO, Vec::new(), Vec::new());
    let mut script = script.iter();
    for _ in 0..STEPS {
        match scan.poll(now) {
            Step::Report(report) => reports.push(report),
            Step::Connect { id, .. } | Step::Abort(id) => asked.push(id),
            // Now and then a host's link address is still being asked for.
            Step::Departs { host, .. } => {
                let departure = match now.as_millis() % 5 {
                    0 => Departure::Waits,
                    1 => Departure::NoNeighbour,
                    2 => Departure::Unknown,
                    _ => Departure::Leaves,
                };
                scan.departs(now, host, departure);
            }
            Step::Done => return Some(reports),
            Step::Wait(_) => {
                if let Some(&line) = script.next() {
                    now = follow(scan, now, line, &asked);
                } else {
                    now += Duration::from_millis(20);
                    answer_all(scan, now, &mut asked);
                }
            }
        }
    }
    None
}

fn follow(scan: &mut Scan, now: Instant, line: Line, asked: &[ProbeId]) -> Instant {
    let now = now + Duration::from_millis(line.delay.into());
    if !asked.is_empty() {
        let id = asked[usize::from(line.attempt) % asked.len()];
        scan.handle(now, id, outcome(line.outcome));
    }
    if line.outcome & 0x80 == 0 {
        scan.harvested(now);
    }
    now
}

fn answer_all(scan: &mut Scan, now: Instant, asked: &mut Vec<ProbeId>) {
    for id in asked.drain(..) {
        scan.handle(
            now,
            id,
            Outcome::Refused {
                rtt: None,
                retransmits: 0,
            },
        );
        scan.handle(now, id, Outcome::Closed(Ending::IN_ORDER));
    }
    scan.harvested(now);
}

fn outcome(choice: u8) -> Outcome {
    let rtt = Some(Duration::from_micros(300));
    let icmp = |code| {
        Some(Icmp {
            v6: false,
            kind: 3,
            code,
            from: None,
        })
    };
    match choice & 0x0f {
        0 | 1 => Outcome::Refused {
            rtt,
            retransmits: 0,
        },
        2 | 3 => Outcome::Connected {
            rtt,
            retransmits: choice >> 4,
            peer: peer(choice),
        },
        4 => Outcome::Closed(Ending {
            heard: Some(if choice & 0x10 == 0 {
                Heard::Segment
            } else {
                Heard::Nothing
            }),
            ..Ending::IN_ORDER
        }),
        5 => Outcome::Closed(Ending::UNSEEN),
        6 => Outcome::ConnectedThenReset {
            rtt,
            retransmits: choice >> 4,
        },
        7 => Outcome::Rejected {
            icmp: icmp(3),
            rtt,
            retransmits: 1,
        },
        8 => Outcome::Rejected {
            icmp: None,
            rtt: None,
            retransmits: 0,
        },
        9 if choice & 0x10 != 0 => Outcome::RefusedSomehow {
            rtt,
            retransmits: 0,
        },
        9 => Outcome::NoNeighbour,
        10 => Outcome::SelfConnected,
        11 | 12 => Outcome::Aborted {
            retransmits: choice >> 4,
        },
        13 => Outcome::Local(LocalError::Limit),
        14 => Outcome::OutOfScope,
        _ => Outcome::Local(LocalError::Route),
    }
}

/// An ordinary peer, one without options and window, or none that the system tells of.
fn peer(choice: u8) -> Option<Peer> {
    let known = |bits, window| {
        Some(Peer {
            options: Some(Options::from_bits(bits)),
            window: Some(window),
            ..Peer::default()
        })
    };
    match choice >> 4 {
        0..4 => None,
        4..8 => known(0, 0),
        _ => known(choice >> 4, 65_160),
    }
}
