//! The goals set for accuracy, and whether what was seen meets them.

use picaporte_core::Duration;
use picaporte_core::timing::FIRST;

use super::bound::lower_bound;
use super::play::Seen;

/// One goal of a world.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Goal {
    /// The lower bound of the recall is at least this.
    Recall(f64),
    /// Every open port is found, in every run.
    EveryOpen,
    /// Every port is right, and none untested.
    EveryPort,
    /// No port that answers is called filtered.
    NoneFiltered,
    /// The slowest run takes at most this.
    Within(Duration),
    /// The slowest run takes at most so many times (SYNs sent ÷ this rate + the first timeout).
    Pace { times: f64, per_second: u32 },
    /// SYNs for each closed port, at most.
    SynsPerClosed(f64),
    /// SYNs to silent ports: no more than the scan states in its verdicts on them.
    SynsAsStated,
    /// Nobody else finds the connection table full.
    OthersLoseNothing,
}

/// How a goal fared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Met {
    Yes,
    No,
    /// So few ports can't show it, even without a miss.
    TooFewPorts,
}

impl Met {
    pub(crate) fn text(self) -> &'static str {
        match self {
            Self::Yes => "met",
            Self::No => "NOT MET",
            Self::TooFewPorts => "too few ports to tell",
        }
    }
}

impl Goal {
    pub(crate) fn text(self) -> String {
        match self {
            Self::Recall(share) => format!("recall ≥ {} %", (share * 1e7).round() / 1e5),
            Self::EveryOpen => "every open port".to_owned(),
            Self::EveryPort => "every port right".to_owned(),
            Self::NoneFiltered => "none falsely filtered".to_owned(),
            Self::Within(time) => format!("≤ {} s", time.as_secs_f64()),
            Self::Pace { times, per_second } => format!(
                "≤ {times} × (SYNs ÷ {per_second}/s + {} s)",
                FIRST.as_secs_f64()
            ),
            Self::SynsPerClosed(most) => format!("≤ {most} SYNs per closed port"),
            Self::SynsAsStated => "SYNs to silent ports ≤ those stated".to_owned(),
            Self::OthersLoseNothing => "others refused: 0".to_owned(),
        }
    }

    pub(crate) fn judge(self, seen: &Seen) -> Met {
        let met = match self {
            Self::Recall(share) => return recall(seen, share),
            Self::EveryOpen => seen.missed() == 0,
            Self::EveryPort => {
                let wrong = seen.false_filtered + seen.missed() + seen.untested();
                wrong == 0
            }
            Self::NoneFiltered => seen.false_filtered == 0,
            Self::Within(time) => seen.slowest() <= time,
            Self::Pace { times, per_second } => seen.runs.iter().all(|run| {
                let sending = run.syns as f64 / f64::from(per_second);
                run.elapsed.as_secs_f64() <= times * (sending + FIRST.as_secs_f64())
            }),
            Self::SynsPerClosed(most) => seen.closed.each().is_none_or(|syns| syns <= most),
            Self::SynsAsStated => seen.silent.syns <= seen.stated,
            Self::OthersLoseNothing => seen.others_refused == 0,
        };
        if met { Met::Yes } else { Met::No }
    }
}

fn recall(seen: &Seen, share: f64) -> Met {
    if lower_bound(seen.open.ports, seen.missed()) >= share {
        return Met::Yes;
    }
    let in_reach = lower_bound(seen.open.ports, 0) >= share;
    if !in_reach && seen.recall().is_some_and(|recall| recall >= share) {
        return Met::TooFewPorts;
    }
    Met::No
}

/// The goals of every world: no port is called open or closed that is not.
pub(crate) fn no_false_open_or_closed(seen: &Seen) -> Met {
    if seen.false_open + seen.false_closed == 0 {
        Met::Yes
    } else {
        Met::No
    }
}
