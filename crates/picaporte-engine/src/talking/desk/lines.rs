//! What happens at connections that were begun, until each has ended.

use std::cmp::Reverse;

use picaporte_core::talk::Talk;

use super::{Desk, Timer};
use crate::talking::line::{Opening, Phase};

impl<T: Talk> Desk<T> {
    /// Something happened at a connection.
    pub(super) fn line_event(&mut self, at: usize) {
        let Some((line, key)) = self.lines.get_mut(&at) else {
            return;
        };
        line.readable = true;
        match (line.phase, *key) {
            (Phase::Opening, Some(key)) => match line.look() {
                Opening::Stands => self.stands(key),
                Opening::NotYet => {}
                Opening::Failed | Opening::Lacking => self.give_up(at),
            },
            (Phase::Standing, Some(key)) => self.drive(key),
            (Phase::Closing, _) | (_, None) => {
                if line.drain(&mut self.piece) {
                    self.drop_line(at);
                }
            }
        }
    }

    /// A connection that could not be opened.
    pub(super) fn give_up(&mut self, at: usize) {
        if let Some((line, key)) = self.lines.remove(&at)
            && let Some(key) = key
        {
            let address = line.to().address();
            drop(line);
            self.failed(key, address);
        }
    }

    /// Ends a connection in order.
    pub(super) fn close(&mut self, at: usize) {
        let now = self.clock.now();
        let Some((line, key)) = self.lines.get_mut(&at) else {
            return;
        };
        *key = None;
        let stood = line.phase == Phase::Standing;
        line.close(now);
        if !stood || line.drain(&mut self.piece) {
            self.drop_line(at);
        } else {
            self.timers.push(Reverse((line.until, Timer::Line(at))));
        }
    }

    pub(super) fn drop_line(&mut self, at: usize) {
        if let Some((line, _)) = self.lines.remove(&at) {
            self.turns.ended(line.to().address());
        }
    }
}
