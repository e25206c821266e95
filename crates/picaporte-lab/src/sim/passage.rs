//! How packets fare on a path, one direction at a time: outages, a narrow place, loss, jitter, overtaking, doubling.
//! Chance comes from the seed and the packet, so that the same packets in the same order fare the same.

use picaporte_core::{Duration, Instant};

use crate::random::Draws;
use crate::scenario::{Bursts, Loss, Path, Shape};

/// One direction of one path.
#[derive(Clone, Debug)]
pub(super) struct Direction {
    loss: Loss,
    /// Whether the chain of bursts is in its bad state, and the draws that move it.
    bad: bool,
    chain: Draws,
    /// When the narrow place will have sent all that waits.
    busy_until: Instant,
}

/// What becomes of a packet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Lost,
    /// It takes so much longer than the path's own delay; and a second copy, if there is one, so much.
    Passes(Duration, Option<Duration>),
}

impl Direction {
    /// `seed` holds whatever tells this direction from others.
    pub(super) fn new(loss: Loss, seed: &[u64]) -> Self {
        Self {
            loss,
            bad: false,
            chain: Draws::new(seed),
            busy_until: Instant::ZERO,
        }
    }

    /// Sends a packet of `bytes` bytes; `chance` holds its own draws. `since_first` is the time since the scanner's first packet.
    pub(super) fn pass(
        &mut self,
        now: Instant,
        since_first: Duration,
        bytes: usize,
        path: &Path,
        mut chance: Draws,
    ) -> Fate {
        // Every packet uses up the same draws, whatever becomes of it.
        let (lost, jitter, held, doubled) =
            (chance.unit(), chance.unit(), chance.unit(), chance.unit());
        let in_burst = self.step_burst();
        if in_outage(path, since_first) {
            return Fate::Lost;
        }
        let Some(queued) = self.queue(now, bytes, path) else {
            return Fate::Lost;
        };
        if in_burst || matches!(self.loss, Loss::Independent(share) if lost < share.get()) {
            return Fate::Lost;
        }
        let mut delay = queued + jitter_of(path, jitter);
        if let Some(reorder) = path.reorder.filter(|reorder| held < reorder.share.get()) {
            delay = delay + Duration::from_nanos(reorder.by.ns());
        }
        // The copy takes the next place in the queue, so to speak: a little later.
        let copy = (doubled < path.duplicate.get()).then(|| delay + Duration::from_micros(50));
        Fate::Passes(delay, copy)
    }

    /// Moves the chain on by one packet; whether that packet is lost. It stays bad for `mean` packets on average, and
    /// enters the bad state as often as the share in the long run asks for: share ÷ (mean × (1 − share)).
    fn step_burst(&mut self) -> bool {
        let Loss::Bursts(Bursts { share, mean }) = self.loss else {
            return false;
        };
        let draw = self.chain.unit();
        self.bad = if self.bad {
            draw >= 1.0 / mean
        } else {
            draw < share.get() / (mean * (1.0 - share.get()))
        };
        self.bad
    }

    /// How long a packet waits for the narrow place and is on it; `None` when the queue is full.
    fn queue(&mut self, now: Instant, bytes: usize, path: &Path) -> Option<Duration> {
        let Some(bandwidth) = path.bandwidth else {
            return Some(Duration::ZERO);
        };
        let waits = self.busy_until.since(now);
        if waits.as_nanos() > bandwidth.queue.ns() {
            return None;
        }
        let takes = Duration::from_nanos(bandwidth.rate.time_for(bytes).ns());
        self.busy_until = self.busy_until.max(now) + takes;
        Some(waits + takes)
    }
}

fn in_outage(path: &Path, since_first: Duration) -> bool {
    let now = since_first.as_nanos();
    path.outages
        .iter()
        .any(|outage| (outage.from.ns()..outage.from.ns() + outage.lasts.ns()).contains(&now))
}

fn jitter_of(path: &Path, draw: f64) -> Duration {
    let spread = match path.jitter.shape {
        Shape::Even => draw,
        Shape::LongTail => draw.powi(4),
    };
    Duration::from_nanos((spread * path.jitter.up_to.ns() as f64) as u64)
}
