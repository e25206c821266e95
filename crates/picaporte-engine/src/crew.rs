//! The threads of a scan: made together, telling each other what they learn, joined in one account.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use crossbeam_channel::{Receiver, bounded};
use picaporte_core::block::Part;
use picaporte_core::known::{Journal, Known, Spent};
use picaporte_core::scan::{Shared, System};
use picaporte_core::tally::Tally;
use picaporte_core::timing::Loss;
use picaporte_core::{Instant, Plan, Reason, Report, Scan};

use crate::clock::Clock;
use crate::error::{EngineError, Needed};
use crate::limits;
use crate::reactor::Reactor;
use crate::running::{Greeting, Network, Progress};
use crate::worker::Worker;

/// How many batches of reports may wait for the caller before the threads wait for it.
const QUEUE: usize = 256;
/// A plan with fewer probes than this is not worth a second thread.
const WORTH_SPLITTING: u64 = 256;

/// What a thread tells the caller.
#[derive(Debug)]
pub(crate) enum Message {
    /// What was found out; of a scan that is kept, with what was noted of it, neither more nor less.
    Reports(Vec<Report>, Option<Noted>),
    /// What open ports said; before the reports of these.
    Greetings(Vec<Greeting>),
    Over {
        tally: Box<Tally>,
        loss: Loss,
        stopped: Option<Reason>,
    },
}

/// What one thread noted of a scan that is kept.
#[derive(Debug)]
pub(crate) struct Noted {
    pub part: usize,
    pub journal: Journal,
    pub spent: Spent,
}

/// What the threads of a scan tell each other and the caller.
#[derive(Clone, Debug)]
pub(crate) struct Board {
    pub interrupt: Arc<AtomicBool>,
    quit: Arc<AtomicBool>,
    parts: Arc<[Place]>,
}

/// What one thread last told.
#[derive(Debug, Default)]
struct Place {
    /// What it told each other part and that one has not read yet.
    shared: Mutex<Vec<Option<Shared>>>,
    decided: AtomicU64,
    open: AtomicU64,
    attempts: AtomicU64,
    inflight: AtomicU64,
}

impl Board {
    fn new(parts: usize) -> Self {
        Self {
            interrupt: Arc::default(),
            quit: Arc::default(),
            parts: (0..parts).map(|_| Place::default()).collect(),
        }
    }

    pub(crate) fn quits(&self) -> bool {
        self.quit.load(Ordering::Relaxed)
    }

    pub(crate) fn quit(&self) {
        self.quit.store(true, Ordering::Relaxed);
    }

    pub(crate) fn post(&self, index: usize, scan: &mut Scan) {
        use picaporte_core::State;
        let place = &self.parts[index];
        let counts = &scan.tally().counts;
        let decided = counts.tested() + counts.in_state(State::Untested);
        place.decided.store(decided, Ordering::Relaxed);
        place
            .open
            .store(counts.in_state(State::Open), Ordering::Relaxed);
        place
            .attempts
            .store(scan.tally().attempts, Ordering::Relaxed);
        place
            .inflight
            .store(scan.inflight().into(), Ordering::Relaxed);
        let news = scan.share();
        if let Ok(mut told) = place.shared.lock() {
            told.resize_with(self.parts.len(), || None);
            for unread in told.iter_mut() {
                let mut fresh = news.clone();
                // What a part has not read yet is not lost: hosts add up, at most twice 64.
                if let Some(old) = unread.take() {
                    fresh.hosts.extend(old.hosts.into_iter().take(64));
                }
                *unread = Some(fresh);
            }
        }
    }

    /// What the other parts told this one since it last asked.
    pub(crate) fn others(&self, index: usize) -> Vec<Shared> {
        let others = self.parts.iter().enumerate().filter(|(i, _)| *i != index);
        others
            .filter_map(|(_, place)| {
                let mut told = place.shared.lock().ok()?;
                let news = told.get_mut(index)?.as_mut()?;
                let hosts = std::mem::take(&mut news.hosts);
                Some(Shared {
                    hosts,
                    ..news.clone()
                })
            })
            .collect()
    }

    pub(crate) fn progress(&self) -> Progress {
        let sum = |of: fn(&Place) -> &AtomicU64| {
            self.parts
                .iter()
                .map(|p| of(p).load(Ordering::Relaxed))
                .sum()
        };
        Progress {
            decided: sum(|p| &p.decided),
            open: sum(|p| &p.open),
            attempts: sum(|p| &p.attempts),
            inflight: sum(|p| &p.inflight),
            ..Progress::default()
        }
    }
}

/// The threads of one scan.
#[derive(Debug)]
pub(crate) struct Crew {
    pub board: Board,
    pub clock: Clock,
    pub messages: Receiver<Message>,
    pub threads: usize,
}

impl Crew {
    /// `known` is what an earlier run decided, of a scan that is kept.
    pub(crate) fn start(
        plan: &Arc<Plan>,
        network: &Network,
        known: Option<&Arc<Known>>,
    ) -> Result<Self, EngineError> {
        let wanted = wanted_threads(plan, network);
        let descriptors = limits::descriptors(wanted);
        let descriptors = descriptors - network.spare.min(descriptors / 4);
        let clock = Clock::start();
        let reactors = reactors(wanted, network, clock)?;
        let threads = reactors.len() as u32;
        let board = Board::new(reactors.len());
        let (sender, messages) = bounded(QUEUE);
        for (index, reactor) in reactors.into_iter().enumerate() {
            let part = Part::new(index as u32, threads, plan.settings().by_host(threads));
            let system = System {
                descriptors: part.of_cap(descriptors).max(1),
                ..System::default()
            };
            let scan = Scan::new(plan.clone(), part, system);
            let worker = Worker {
                scan: match known {
                    Some(known) => scan.kept(known.clone()),
                    None => scan,
                },
                reactor,
                clock,
                noted: Instant::ZERO,
                board: board.clone(),
                index,
                reports: sender.clone(),
            };
            std::thread::Builder::new()
                .name(format!("scan-{index}"))
                .spawn(move || worker.run())
                .map_err(|error| EngineError::System {
                    needed: Needed::Thread,
                    error,
                })?;
        }
        Ok(Self {
            board,
            clock,
            messages,
            threads: threads as usize,
        })
    }
}

fn wanted_threads(plan: &Plan, network: &Network) -> u32 {
    let cores = std::thread::available_parallelism().map_or(1, |n| n.get() as u32);
    let most = network.threads.unwrap_or(cores).max(1);
    let most = if plan.planned_addresses() < WORTH_SPLITTING {
        1
    } else {
        most
    };
    plan.settings().pace.threads(most)
}

/// As many reactors as the system allows, at least one.
fn reactors(wanted: u32, network: &Network, clock: Clock) -> Result<Vec<Reactor>, EngineError> {
    let mut made = Vec::new();
    for _ in 0..wanted {
        match Reactor::new(network, clock) {
            Ok(reactor) => made.push(reactor),
            Err(error) if made.is_empty() => {
                let needed = Needed::Readiness;
                return Err(EngineError::System { needed, error });
            }
            Err(_) => break,
        }
    }
    Ok(made)
}
