//! How much may be in flight: at a host, in a network, in all.

use crate::time::{Duration, Instant};

/// The first window of one host: what goes out before anything is known.
pub const FIRST_HOST_WINDOW: u32 = 64;
/// The first window of the whole scan.
pub const FIRST_WINDOW: u32 = 1024;
/// The first window of one network.
pub const FIRST_NETWORK_WINDOW: u32 = 512;
/// How often a window doubles while there is no sign of harm.
pub const GROWTH: Duration = Duration::from_millis(50);

/// How many attempts may be unanswered at a time.
///
/// It grows by what each answer stands for (itself, and what was let go since the last one), and
/// doubles every 50 ms while there is no sign of loss; a sign of loss takes a quarter away, at
/// most once in 50 ms. Never above its cap, never below its first size.
#[derive(Clone, Copy, Debug)]
pub struct Window {
    size: f32,
    first: f32,
    cap: f32,
    /// Attempts let go since the last answer.
    asked: f32,
    grown: Instant,
    harmed: bool,
    shrunk: Instant,
}

impl Window {
    /// A window of `first`, growing to at most `cap`; both at least 1.
    pub fn new(first: u32, cap: u32) -> Self {
        let cap = cap.max(1) as f32;
        let first = (first.max(1) as f32).min(cap);
        Self {
            size: first,
            first,
            cap,
            asked: 0.0,
            grown: Instant::NEVER,
            harmed: false,
            shrunk: Instant::ZERO,
        }
    }

    /// How many may be unanswered.
    pub fn size(&self) -> u32 {
        self.size as u32
    }

    /// An answer came. Where `most_answer` it stands only for itself, so that the window stops growing when they stop.
    pub fn answer(&mut self, most_answer: bool) {
        let let_go = std::mem::take(&mut self.asked).max(1.0);
        let credit = if most_answer && !self.harmed {
            1.0
        } else {
            let_go
        };
        let step = if self.harmed {
            credit / self.size
        } else {
            credit
        };
        self.grow_to(self.size + step);
    }

    /// An attempt was let go.
    pub fn asked(&mut self) {
        self.asked = (self.asked + 1.0).min(self.size);
    }

    /// An answer came only to a later attempt: something on the way lost the earlier ones.
    pub fn loss(&mut self, now: Instant) {
        if now.since(self.shrunk) < GROWTH && self.harmed {
            return;
        }
        self.harmed = true;
        self.shrunk = now;
        self.size = (self.size * 0.75).max(self.first);
    }

    /// Whether a sign of loss has been seen.
    pub fn is_harmed(&self) -> bool {
        self.harmed
    }

    /// Called when the window is full: grows if it is time to. Says when to look again, unless
    /// the cap is reached.
    pub fn full(&mut self, now: Instant) -> Option<Instant> {
        if self.size >= self.cap {
            return None;
        }
        if self.grown == Instant::NEVER {
            self.grown = now;
        }
        if now.since(self.grown) >= GROWTH {
            self.grown = now;
            let step = if self.harmed { self.first } else { self.size };
            self.grow_to(self.size + step);
        }
        Some(self.grown + GROWTH)
    }

    /// When a full window looks again whether to grow.
    pub fn next_growth(&self) -> Option<Instant> {
        (self.size < self.cap && self.grown != Instant::NEVER).then(|| self.grown + GROWTH)
    }

    /// Learns from the same window in another thread: unharmed windows grow together.
    pub fn join(&mut self, other: &Self) {
        if !self.harmed && !other.harmed {
            self.grow_to(self.size.max(other.size));
        }
    }

    fn grow_to(&mut self, size: f32) {
        self.size = size.min(self.cap);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ms(n: u64) -> Instant {
        Instant::ZERO + Duration::from_millis(n)
    }

    #[test]
    fn a_window_grows_with_answers_and_with_time_and_keeps_its_bounds() {
        let mut window = Window::new(64, 1000);
        assert_eq!(window.full(ms(0)), Some(ms(50)));
        assert_eq!(window.size(), 64);
        window.full(ms(50));
        assert_eq!(window.size(), 128);
        (0..51).for_each(|_| window.asked());
        window.answer(false);
        assert_eq!(window.size(), 179);
        window.loss(ms(200));
        assert_eq!(window.size(), 134);
        window.loss(ms(220));
        assert_eq!(window.size(), 134);
        (0..100).for_each(|i| window.loss(ms(1000 + 200 * i)));
        assert_eq!(window.size(), 64);
        let mut free = Window::new(64, 1000);
        (0..10_000).for_each(|_| free.answer(true));
        assert_eq!(free.size(), 1000);
        assert_eq!(free.full(ms(0)), None);
    }
}
