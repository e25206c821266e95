//! The desk between a scan and the thread that keeps its findings: the scan lays them down, the thread takes all of them at
//! once. What lies there is bounded; a scan never waits for the disk longer than it was told to.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use picaporte_core::tally::Counts;

use crate::address::Key;
use crate::digest::Digest;
use crate::error::StoreError;
use crate::scan::End;
use picaporte_core::Decided;

/// What was told since it was last taken.
#[derive(Clone, Debug, Default)]
pub(crate) struct Told {
    /// Records of ports.
    pub ports: Vec<u8>,
    /// Those among them that are open.
    pub open: Vec<(Key, u16)>,
    /// Records of hosts.
    pub hosts: Vec<u8>,
    pub decided: Vec<Decided>,
    /// Hosts that are done, and their ports.
    pub done: Vec<u64>,
    pub counts: Counts,
    pub progress: BTreeMap<u32, Vec<u8>>,
}

impl Told {
    /// How many bytes it takes, about.
    pub(crate) fn weight(&self) -> usize {
        let progress: usize = self.progress.values().map(|bytes| bytes.len() + 1).sum();
        self.ports.len()
            + self.hosts.len()
            + progress
            + self.open.len() * size_of::<(Key, u16)>()
            + self.decided.len() * size_of::<Decided>()
            + self.done.len() * size_of::<u64>()
    }

    /// Adds what was told later.
    pub(crate) fn append(&mut self, mut later: Self) {
        self.ports.append(&mut later.ports);
        self.open.append(&mut later.open);
        self.hosts.append(&mut later.hosts);
        self.decided.append(&mut later.decided);
        self.done.append(&mut later.done);
        self.counts.merge(&later.counts);
        self.progress.append(&mut later.progress);
    }
}

/// What the thread is to do next.
#[derive(Debug)]
pub(crate) struct Task {
    pub told: Told,
    /// The scan is over.
    pub end: Option<End>,
    /// It is the last.
    pub last: bool,
    ticket: u64,
}

#[derive(Debug)]
struct State {
    told: Told,
    end: Option<End>,
    /// Nothing more will be told.
    leaving: bool,
    /// How often everything told was asked to be kept, and up to which time it was.
    asked: u64,
    kept: u64,
    digest: Digest,
    failure: Option<StoreError>,
    /// The failure was handed out.
    reported: bool,
}

/// See the [module](self).
#[derive(Debug)]
pub(crate) struct Desk {
    state: Mutex<State>,
    /// For the thread: there is something to do.
    work: Condvar,
    /// For the scan: something was done.
    done: Condvar,
    failed: AtomicBool,
    limits: Limits,
}

/// How much may lie on the desk, and for how long.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// How many bytes may wait. At a quarter of it the thread does not wait for the next commit.
    pub most: usize,
    /// How long one call may wait for room.
    pub patience: Duration,
}

impl Desk {
    pub(crate) fn new(limits: Limits, digest: Digest) -> Self {
        Self {
            state: Mutex::new(State {
                told: Told::default(),
                end: None,
                leaving: false,
                asked: 0,
                kept: 0,
                digest,
                failure: None,
                reported: false,
            }),
            work: Condvar::new(),
            done: Condvar::new(),
            failed: AtomicBool::new(false),
            limits,
        }
    }

    /// Lays something down; after a failure, drops it.
    pub(crate) fn tell(&self, path: &Path, told: Told) {
        if self.failed.load(Ordering::Relaxed) {
            return;
        }
        let most = self.limits.most;
        let waits = |state: &mut State| state.failure.is_none() && state.told.weight() >= most;
        let waited = self
            .done
            .wait_timeout_while(self.lock(), self.limits.patience, waits);
        let (mut state, waited) = waited.unwrap_or_else(PoisonError::into_inner);
        if waited.timed_out() && waits(&mut state) {
            let waiting = state.told.weight();
            let path = path.to_owned();
            self.fail_with(&mut state, StoreError::Slow { path, waiting });
        }
        if state.failure.is_some() {
            return;
        }
        state.told.append(told);
        if state.told.weight() >= most / 4 {
            self.work.notify_one();
        }
    }

    /// Waits until everything that was told is kept.
    pub(crate) fn keep(&self) -> Result<Digest, StoreError> {
        let mut state = self.lock();
        state.asked += 1;
        let ticket = state.asked;
        self.work.notify_one();
        let waits = |state: &mut State| state.failure.is_none() && state.kept < ticket;
        let waited = self.done.wait_while(state, waits);
        let state = waited.unwrap_or_else(PoisonError::into_inner);
        match &state.failure {
            Some(failure) => Err(failure.clone()),
            None => Ok(state.digest),
        }
    }

    /// Nothing more will be told.
    pub(crate) fn leave(&self, end: Option<End>) {
        let mut state = self.lock();
        state.leaving = true;
        state.end = end;
        self.work.notify_one();
    }

    /// What went wrong, the first time it is asked for after it did.
    pub(crate) fn news_of_failure(&self) -> Option<StoreError> {
        if !self.failed.load(Ordering::Relaxed) {
            return None;
        }
        let mut state = self.lock();
        if std::mem::replace(&mut state.reported, true) {
            None
        } else {
            state.failure.clone()
        }
    }

    /// How it came out, once the thread has ended.
    pub(crate) fn outcome(&self) -> Result<Digest, StoreError> {
        let mut state = self.lock();
        state.reported = true;
        state.failure.clone().map_or(Ok(state.digest), Err)
    }

    /// The thread waits for its next task: until `due`, or until it is called. `None` after a failure.
    pub(crate) fn next_task(&self, due: Instant) -> Option<Task> {
        let mut state = self.lock();
        loop {
            if state.failure.is_some() {
                return None;
            }
            let left = due.saturating_duration_since(Instant::now());
            let heavy = state.told.weight() >= self.limits.most / 4;
            if heavy || state.leaving || state.asked > state.kept || left.is_zero() {
                return Some(Task {
                    told: std::mem::take(&mut state.told),
                    end: state.end.take(),
                    last: state.leaving,
                    ticket: state.asked,
                });
            }
            let waited = self.work.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// A task was done.
    pub(crate) fn done(&self, task: &Task, digest: Digest) {
        let mut state = self.lock();
        state.kept = task.ticket;
        state.digest = digest;
        self.done.notify_all();
    }

    /// The file can't be written any more: nothing more is taken.
    pub(crate) fn fail(&self, failure: StoreError) {
        self.fail_with(&mut self.lock(), failure);
    }

    fn fail_with(&self, state: &mut State, failure: StoreError) {
        if state.failure.is_none() {
            state.failure = Some(failure);
            state.told = Told::default();
            self.failed.store(true, Ordering::Relaxed);
        }
        self.work.notify_all();
        self.done.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn desk(most: usize) -> Desk {
        let limits = Limits {
            most,
            patience: Duration::from_millis(1),
        };
        Desk::new(limits, Digest::of(b""))
    }

    fn lay(desk: &Desk, bytes: usize) {
        let told = Told {
            ports: vec![0; bytes],
            ..Told::default()
        };
        desk.tell(Path::new("store.db"), told);
    }

    fn never() -> Instant {
        Instant::now() + Duration::from_secs(3600)
    }

    #[test]
    fn what_lies_there_is_bounded_and_a_full_desk_fails_once() {
        let desk = desk(1000);
        lay(&desk, 999);
        lay(&desk, 500);
        assert_eq!(desk.news_of_failure(), None);
        lay(&desk, 1);
        let failure = desk.news_of_failure().unwrap();
        assert_eq!(
            failure,
            StoreError::Slow {
                path: "store.db".into(),
                waiting: 1499
            }
        );
        assert_eq!(desk.news_of_failure(), None);
        lay(&desk, 1);
        assert!(desk.next_task(never()).is_none());
        assert_eq!(desk.keep(), Err(failure));
    }

    #[test]
    fn a_quarter_of_what_may_wait_is_taken_before_its_time() {
        let desk = desk(1000);
        lay(&desk, 250);
        let task = desk.next_task(never()).unwrap();
        assert_eq!((task.told.ports.len(), task.last), (250, false));
        assert_eq!(desk.lock().told.weight(), 0);
    }

    #[test]
    fn when_the_time_has_come_there_is_a_task_even_without_findings() {
        let task = desk(1000).next_task(Instant::now()).unwrap();
        assert_eq!(task.told.weight(), 0);
    }
}
