//! Numbers, shares and times of a page, in its language.

use std::time::Duration;

use picaporte_core::State;

use super::{Noun, Words};

impl Words {
    /// As [`Lang::number`](crate::report::Lang::number).
    pub(in super::super) fn number(&self, n: u64) -> String {
        self.lang.number(n)
    }

    /// `1 host`, `2 hosts`.
    pub(in super::super) fn count(&self, n: u64, noun: &Noun) -> String {
        let word = if n == 1 { noun.one } else { noun.many };
        format!("{} {word}", self.number(n))
    }

    /// `1 open`, `2 open`.
    pub(in super::super) fn in_state(&self, state: State, n: u64) -> String {
        format!("{} {}", self.number(n), self.lang.states(state, n))
    }

    /// A number with so many decimals.
    pub(in super::super) fn decimal(&self, number: f64, decimals: usize) -> String {
        self.lang.decimal(number, decimals)
    }

    /// `12.5 %`.
    pub(in super::super) fn percent(&self, part: u64, whole: u64) -> String {
        self.lang.percent(part, whole)
    }

    /// A round trip: `0.21 ms`, `1.25 s`.
    pub(in super::super) fn micros(&self, micros: u64) -> String {
        self.lang.round_trip(micros)
    }

    /// How long something took: `350 ms`, `1.25 s`, `4 min 05 s`, `2 h 07 min`.
    pub(in super::super) fn length(&self, time: Duration) -> String {
        self.lang.length(time)
    }
}
