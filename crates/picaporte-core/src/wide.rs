//! How much may be in flight to a whole network, and in all: hosts share links, and a link that is too narrow drops what is sent to
//! all of them.
//!
//! Controls, which go to ports that are known to answer, show what is lost at any time. Loss alone does not tell why: where it is
//! chance (radio, a bad line) a smaller window loses as much of what it sends, and only takes longer; TCP (RFC 5681) is slow there,
//! as it takes every loss for congestion. So when more is lost than usual the window is cut, and what is lost then tells which it
//! is: as much as before, and it was chance, and the window is given back; or about what a link would drop that passes so many packets.

use crate::time::{Duration, Instant};
use crate::timing::Rates;
use crate::window::Window;

/// An interval has at least so many controls …
const CONTROLS: u32 = 32;
/// … and lasts at least this long.
const INTERVAL: Duration = Duration::from_millis(200);
/// Loss this much above what is usual is no sign yet …
const MARGIN: f64 = 0.05;
/// … nor are so many standard deviations of a share of that size.
const DEVIATIONS: f64 = 3.0;
/// How much an ordinary interval weighs in what is usual.
const GAIN: f64 = 0.25;
/// What is taken for usual is put to the test again after this time.
const AGAIN: Duration = Duration::from_secs(10);
/// More than this is not lost by chance on any path worth scanning.
const MOST_BY_CHANCE: f64 = 0.5;
/// What is left of a window when too much is lost: the share that passed, within these bounds; and the least of it.
const SHRINK_LEAST: f64 = 0.5;
const SHRINK_MOST: f64 = 0.125;
const LEAST: f32 = 16.0;
/// How much a window that was cut grows with each interval without a sign of loss.
const REGROW: f32 = 1.15;

/// How much was sent and answered, and which share of the controls was lost.
#[derive(Clone, Copy, Debug)]
struct Seen {
    rates: Rates,
    lost: f64,
}

/// What is being found out.
#[derive(Clone, Copy, Debug, Default)]
enum State {
    /// Nothing.
    #[default]
    Calm,
    /// The window was cut from this size, but what comes back was sent before that.
    Settling(Seen, f32),
    /// What comes back tells whether that helped.
    Tried(Seen, f32),
}

/// The window of a network, or of the whole scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct WideWindow {
    window: Window,
    /// What is left of it.
    limit: f32,
    /// When it was last cut, and what was left of it before.
    cut: (Instant, f32),
    state: State,
    began: Instant,
    asked: u32,
    answered: u32,
    controls: u32,
    failed: u32,
    /// The share that is lost by chance, and since when that has been taken for granted.
    usual: f64,
    since: Instant,
}

impl WideWindow {
    /// See [`Window::new`].
    pub(crate) fn new(first: u32, cap: u32) -> Self {
        Self {
            window: Window::new(first, cap),
            limit: f32::INFINITY,
            cut: (Instant::ZERO, f32::INFINITY),
            state: State::Calm,
            began: Instant::ZERO,
            asked: 0,
            answered: 0,
            controls: 0,
            failed: 0,
            usual: 0.0,
            since: Instant::ZERO,
        }
    }

    /// How many may be unanswered.
    pub(crate) fn size(&self) -> u32 {
        self.window.size().min(self.limit as u32)
    }

    /// Whether it was cut, and has not recovered.
    pub(crate) fn is_limited(&self) -> bool {
        self.limit < self.window.size() as f32
    }

    /// An attempt was let go.
    pub(crate) fn asked(&mut self) {
        self.window.asked();
        self.asked = self.asked.saturating_add(1);
    }

    /// An answer came, whatever it was.
    pub(crate) fn answer(&mut self) {
        self.window.answer(false);
        self.answered = self.answered.saturating_add(1);
    }

    /// See [`Window::full`].
    pub(crate) fn full(&mut self, now: Instant) -> Option<Instant> {
        self.window.full(now)
    }

    /// See [`Window::next_growth`].
    pub(crate) fn next_growth(&self) -> Option<Instant> {
        self.window.next_growth()
    }

    /// The window without what was found out about links, for other parts of the scan.
    pub(crate) fn free(&self) -> Window {
        self.window
    }

    /// See [`Window::join`].
    pub(crate) fn join(&mut self, other: &Window) {
        self.window.join(other);
    }

    /// A control had its time, at a host that limits nothing by itself. Says whether the window was cut just now.
    pub(crate) fn control(&mut self, now: Instant, failed: bool) -> bool {
        self.controls += 1;
        self.failed += u32::from(failed);
        let lasted = now.since(self.began);
        if self.controls < CONTROLS || lasted < INTERVAL {
            return false;
        }
        let seconds = lasted.as_secs_f64();
        let seen = Seen {
            rates: Rates {
                asked: f64::from(self.asked) / seconds,
                answered: f64::from(self.answered) / seconds,
            },
            lost: f64::from(self.failed) / f64::from(self.controls),
        };
        if now.since(self.since) >= AGAIN {
            (self.since, self.usual) = (now, self.usual.min(MARGIN));
        }
        let excess = seen.lost > self.tolerated();
        self.begin_interval(now);
        self.state = match self.state {
            State::Settling(before, size) => State::Tried(before, size),
            State::Tried(before, size) if by_chance(before, seen) => {
                (self.since, self.usual) = (now, seen.lost);
                self.limit = size;
                State::Calm
            }
            _ if excess => {
                if matches!(self.state, State::Calm) {
                    self.cut = (now, self.limit);
                }
                let size = self.size() as f32;
                let left = (1.0 - seen.lost).clamp(SHRINK_MOST, SHRINK_LEAST);
                self.limit = (size * left as f32).max(LEAST);
                State::Settling(seen, size)
            }
            _ => {
                self.usual += GAIN * (seen.lost - self.usual);
                self.limit *= REGROW;
                State::Calm
            }
        };
        matches!(self.state, State::Settling(..))
    }

    /// Nothing at all had come back of what was sent since `from`: that is no narrow link, and what it made of the window is undone.
    pub(crate) fn forget_since(&mut self, now: Instant, from: Instant) {
        let (at, before) = self.cut;
        if at >= from && self.is_limited() {
            (self.limit, self.state) = (before, State::Calm);
        }
        self.begin_interval(now);
    }

    fn begin_interval(&mut self, now: Instant) {
        (self.began, self.asked, self.answered) = (now, 0, 0);
        (self.controls, self.failed) = (0, 0);
    }

    /// Up to which share loss is no sign.
    fn tolerated(&self) -> f64 {
        let deviation = (self.usual * (1.0 - self.usual) / f64::from(self.controls)).sqrt();
        self.usual + (DEVIATIONS * deviation).max(MARGIN)
    }
}

/// Whether as much is lost of fewer attempts, and not what a link drops that passes as many as it did before; and answers have
/// become fewer, as attempts have.
fn by_chance(before: Seen, now: Seen) -> bool {
    let asked = now.rates.share_asked_of(before.rates);
    let by_link = (1.0 - (1.0 - before.lost) / asked.max(1e-9)).max(0.0);
    let as_much = now.lost > f64::midpoint(before.lost, by_link) && now.lost < MOST_BY_CHANCE;
    as_much && now.rates.follow(before.rates)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A path that loses a share by chance, and passes so many attempts a second.
    struct Path {
        window: WideWindow,
        now: Instant,
        random: u64,
    }

    impl Path {
        fn new() -> Self {
            Self {
                window: WideWindow::new(1000, 20_000),
                now: Instant::ZERO,
                random: 1,
            }
        }

        /// So many seconds in which the window is sent every 100 ms, with a control in 20 attempts.
        fn play(&mut self, seconds: u64, chance: f64, passes: f64) {
            for _ in 0..seconds * 10 {
                let size = self.window.size();
                let share = (passes / 10.0 / f64::from(size)).min(1.0) * (1.0 - chance);
                (0..size).for_each(|_| self.window.asked());
                (0..(f64::from(size) * share) as u32).for_each(|_| self.window.answer());
                for i in 0..20 {
                    self.random = crate::order::mix(self.random, i);
                    let failed = (self.random % 1000) as f64 >= share * 1000.0;
                    self.window.control(self.now, failed);
                }
                self.now += Duration::from_millis(100);
            }
        }
    }

    #[test]
    fn a_path_without_loss_limits_nothing() {
        let mut path = Path::new();
        path.play(10, 0.0, 1e9);
        assert!(!path.window.is_limited());
    }

    #[test]
    fn loss_by_chance_limits_nothing_for_long() {
        for chance in [0.1, 0.3, 0.4] {
            let mut path = Path::new();
            path.play(5, chance, 1e9);
            assert!(path.window.size() > 900, "{chance}: {:?}", path.window);
        }
    }

    #[test]
    fn a_narrow_link_is_filled_and_hardly_more() {
        for chance in [0.0, 0.1] {
            let mut path = Path::new();
            path.play(5, chance, 2000.0);
            let mut sizes = Vec::new();
            for _ in 0..20 {
                path.play(1, chance, 2000.0);
                sizes.push(path.window.size());
            }
            let (least, most) = (sizes.iter().min().unwrap(), sizes.iter().max().unwrap());
            assert!(*least >= 60 && *most <= 450, "{chance}: {sizes:?}");
            // A link that has become wide again is filled again.
            path.play(20, chance, 1e9);
            assert!(path.window.size() > 900, "{chance}: {:?}", path.window);
        }
    }

    #[test]
    fn an_outage_is_no_narrow_link() {
        let mut path = Path::new();
        path.play(5, 0.0, 2000.0);
        let (size, from) = (path.window.size(), path.now);
        // What was found out before the outage stays.
        path.window.forget_since(from, from);
        assert!(path.window.size() == size && path.window.is_limited());
        path.play(10, 0.0, 1e9);
        let (size, from) = (path.window.size(), path.now);
        path.play(1, 1.0, 1e9);
        assert!(path.window.size() < size / 2, "{:?}", path.window);
        path.window.forget_since(path.now, from);
        assert!(path.window.size() >= size, "{:?}", path.window);
    }

    #[test]
    fn some_are_always_let_go() {
        let mut path = Path::new();
        path.play(30, 0.0, 1.0);
        assert!(path.window.size() >= LEAST as u32);
    }
}
