//! What a connection sends: segments that fit, again if need be, and with what in their headers.

use picaporte_core::Instant;

use super::offer::{scaled, stamp};
use super::{Connection, Fin, LONGEST_WAIT, Phase, RETRIES, SYN_ACK_RETRIES};
use crate::sim::packet::{Options, Segment};

impl Connection {
    /// The SYN-ACK.
    pub(in crate::sim) fn syn_ack(&self, now: Instant) -> Segment {
        let mut segment = self.plain(now, self.unacknowledged);
        segment.syn = true;
        // The window of a segment with SYN is never scaled (RFC 7323, section 2.2).
        segment.window = self.template.window;
        segment.options = self.stamped(now, self.options);
        segment
    }

    /// What is due at a deadline.
    pub(in crate::sim) fn time_out(&mut self, now: Instant, out: &mut Vec<Segment>) {
        if self.again_at.is_none_or(|at| at > now) {
            return;
        }
        let most = if self.phase == Phase::SynReceived {
            SYN_ACK_RETRIES
        } else {
            RETRIES
        };
        if self.phase == Phase::TimeWait || self.tries >= most {
            self.phase = Phase::Gone;
            self.again_at = None;
            return;
        }
        let finished = self.fin == Fin::Acknowledged && !self.peer_closed;
        if finished {
            self.phase = Phase::Gone;
            self.again_at = None;
            return;
        }
        out.push(self.oldest(now));
        self.tries += 1;
        self.wait = self.wait.times(2).min(LONGEST_WAIT);
        self.again_at = Some(now + self.wait);
    }

    /// The first segment that has not been acknowledged, again; where there is none, a window probe.
    fn oldest(&self, now: Instant) -> Segment {
        if self.phase == Phase::SynReceived {
            return self.syn_ack(now);
        }
        let mut segment = self.plain(now, self.unacknowledged);
        if self.in_flight() == 0 {
            // As Linux probes (`tcp_xmit_probe_skb`): empty, with a number that the peer has to answer.
            segment.seq = self.unacknowledged.wrapping_sub(1);
            return segment;
        }
        let bytes = self.waiting.len().min(self.in_flight() as usize);
        if bytes == 0 {
            segment.fin = self.fin == Fin::Sent;
        } else {
            let most = bytes.min(self.mss as usize);
            segment.payload = self.waiting.iter().take(most).copied().collect();
            segment.psh = true;
        }
        segment
    }

    pub(super) fn in_flight(&self) -> u32 {
        self.next.wrapping_sub(self.unacknowledged)
    }

    /// Sends what may be sent.
    pub(super) fn send(&mut self, now: Instant, out: &mut Vec<Segment>) {
        let before = out.len();
        while self.in_flight() < self.peer_window
            && (self.in_flight() as usize) < self.waiting.len()
            && matches!(self.fin, Fin::Open | Fin::Wanted)
        {
            let from = self.in_flight() as usize;
            let most = self.mss.min(self.peer_window - self.in_flight()) as usize;
            let mut segment = self.plain(now, self.next);
            segment.payload = self.waiting.iter().skip(from).take(most).copied().collect();
            segment.psh = from + segment.payload.len() == self.waiting.len();
            self.next = self.next.wrapping_add(segment.payload.len() as u32);
            out.push(segment);
        }
        if self.fin == Fin::Wanted && self.in_flight() as usize == self.waiting.len() {
            let mut segment = self.plain(now, self.next);
            segment.fin = true;
            self.next = self.next.wrapping_add(1);
            self.fin = Fin::Sent;
            self.closed_first = !self.peer_closed;
            out.push(segment);
        }
        let stuck = !self.waiting.is_empty() && self.peer_window == 0;
        if self.again_at.is_none() && (out.len() > before && self.in_flight() > 0 || stuck) {
            self.again_at = Some(now + self.wait);
        }
    }

    /// An acknowledgement of what has come, and nothing else.
    pub(in crate::sim) fn bare(&self, now: Instant) -> Segment {
        self.plain(now, self.next)
    }

    fn plain(&self, now: Instant, seq: u32) -> Segment {
        let mut segment = self.template.clone();
        segment.seq = seq;
        segment.ack_number = self.expected;
        segment.window = scaled(self.window(), self.options.window_scale);
        segment.options = self.stamped(
            now,
            Options {
                timestamps: self.options.timestamps,
                ..Options::default()
            },
        );
        segment
    }

    fn stamped(&self, now: Instant, options: Options) -> Options {
        let timestamps = options
            .timestamps
            .map(|(_, echo)| (stamp(now, self.template.from), echo));
        Options {
            timestamps,
            ..options
        }
    }
}
