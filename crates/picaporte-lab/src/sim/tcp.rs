//! One connection, seen from the host: TCP as RFC 9293 has it and as Linux does it, as far as a client can tell. It is
//! handed segments and time, and hands back segments; what the service behind it says is part of it. It knows no path.
//!
//! Left out: out-of-order segments are asked for again rather than kept, congestion control (what a service says fits
//! into any window), urgent data, window scaling of what the peer offers beyond 64 KiB.

use std::collections::VecDeque;
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use super::packet::{Options, Segment};
use crate::scenario::Service;

/// What an Ethernet link carries, less the headers of IPv4 or IPv6 and TCP.
const MSS_V4: u16 = 1_460;
const MSS_V6: u16 = 1_440;
/// Taken where the peer says nothing (RFC 9293, section 3.7.1).
const MSS_UNSAID: u16 = 536;
/// Linux with its `tcp_rmem` of 6 MiB (`net/ipv4/tcp_output.c`, `tcp_select_initial_window`).
const WINDOW_SCALE: u8 = 7;
/// How often Linux sends a SYN-ACK again (`tcp_synack_retries`), and the first wait (RFC 6298, section 2.1).
const SYN_ACK_RETRIES: u8 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// What has been sent is sent again after 200 ms at the earliest (Linux's `TCP_RTO_MIN`), and so many times.
const LEAST_WAIT: Duration = Duration::from_millis(200);
const RETRIES: u8 = 8;
/// How long Linux remembers a connection that it closed first (`TCP_TIMEWAIT_LEN`).
const TIME_WAIT: Duration = Duration::from_secs(60);
/// An echo stops reading when it can't get rid of what it has read.
const MOST_WAITING: usize = 256 * 1024;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Phase {
    /// The SYN-ACK has been sent.
    SynReceived,
    /// Bytes go both ways.
    Established,
    /// Both sides have closed, this one first.
    TimeWait,
    /// Nobody remembers it.
    Gone,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fin {
    Open,
    Wanted,
    Sent,
    Acknowledged,
}

/// A connection at the host's end.
#[derive(Debug)]
pub(super) struct Connection {
    /// From the host to the client, with no flag: what every segment of it starts from.
    template: Segment,
    service: Arc<Service>,
    phase: Phase,
    answered: bool,
    /// The first byte that is not acknowledged, and the next to be sent (RFC 9293: SND.UNA, SND.NXT).
    unacknowledged: u32,
    next: u32,
    /// Bytes from the first that is not acknowledged on.
    waiting: VecDeque<u8>,
    fin: Fin,
    peer_window: u32,
    peer_scale: u8,
    mss: u32,
    /// RCV.NXT.
    expected: u32,
    peer_closed: bool,
    options: Options,
    began: Instant,
    tries: u8,
    wait: Duration,
    again_at: Option<Instant>,
    /// When the last segment in each direction arrives: later ones do not overtake it.
    pub(super) last_out: Instant,
    pub(super) last_back: Instant,
}

impl Connection {
    /// What a SYN brings about at a port where `service` listens: a connection that has yet to send its SYN-ACK.
    /// `ttl` is what arrives of the host's 64, `initial` the sequence number it begins with.
    pub(super) fn accept(
        now: Instant,
        syn: &Segment,
        service: Arc<Service>,
        ttl: u8,
        initial: u32,
    ) -> Self {
        let offered = syn.options;
        let mut template = Segment::new(syn.to, syn.from, ttl);
        template.ack = true;
        template.window = window(syn, offered);
        Self {
            template,
            service,
            phase: Phase::SynReceived,
            answered: false,
            unacknowledged: initial,
            next: initial.wrapping_add(1),
            waiting: VecDeque::new(),
            fin: Fin::Open,
            peer_window: u32::from(syn.window),
            peer_scale: offered.window_scale.unwrap_or(0).min(14),
            mss: u32::from(offered.mss.unwrap_or(MSS_UNSAID).clamp(64, own_mss(syn))),
            expected: syn.seq.wrapping_add(1),
            peer_closed: false,
            options: answer_to(syn),
            began: now,
            tries: 0,
            wait: FIRST_WAIT,
            again_at: Some(now + FIRST_WAIT),
            last_out: Instant::ZERO,
            last_back: Instant::ZERO,
        }
    }

    /// A connection whose handshake somebody else made with this `initial`: `ack` ended it.
    pub(super) fn adopt(now: Instant, ack: &Segment, service: Arc<Service>, ttl: u8) -> Self {
        let mut syn = ack.clone();
        syn.seq = ack.seq.wrapping_sub(1);
        syn.options = Options {
            mss: Some(own_mss(ack)),
            ..ack.options
        };
        Self::accept(now, &syn, service, ttl, ack.ack_number.wrapping_sub(1))
    }

    /// The client's end and the host's.
    pub(super) fn flow(&self) -> super::Flow {
        (self.template.to, self.template.from)
    }

    /// When something is to be sent again, or forgotten.
    pub(super) fn deadline(&self) -> Option<Instant> {
        self.again_at
    }

    /// Whether nothing has to be kept of it.
    pub(super) fn is_gone(&self) -> bool {
        self.phase == Phase::Gone
    }

    /// Whether a SYN with this sequence number opens a new connection over what is left of this one (RFC 9293, section
    /// 3.6.1).
    pub(super) fn gives_way_to(&self, syn: &Segment) -> bool {
        self.phase == Phase::TimeWait && after(syn.seq, self.expected)
    }

    /// The SYN-ACK.
    pub(super) fn syn_ack(&self, now: Instant) -> Segment {
        let mut segment = self.plain(now, self.unacknowledged);
        segment.syn = true;
        segment.options = self.stamped(now, self.options);
        segment
    }

    /// Takes a segment of the peer, and puts what is to be sent into `out`.
    pub(super) fn receive(&mut self, now: Instant, segment: &Segment, out: &mut Vec<Segment>) {
        if segment.rst {
            self.phase = if self.in_window(segment.seq) {
                Phase::Gone
            } else {
                self.phase
            };
            return;
        }
        if segment.syn {
            out.push(if self.phase == Phase::SynReceived {
                self.syn_ack(now)
            } else {
                self.bare(now)
            });
            return;
        }
        if !segment.ack || after(segment.ack_number, self.next) {
            return;
        }
        if let (Some((value, _)), Some(_)) = (segment.options.timestamps, self.options.timestamps) {
            self.options.timestamps = Some((0, value));
        }
        self.take_acknowledgement(now, segment);
        if self.phase == Phase::SynReceived {
            return;
        }
        let before = out.len();
        let owes = self.take_bytes(segment);
        self.send(now, out);
        if owes && out.len() == before {
            out.push(self.bare(now));
        }
        self.close_if_done(now);
    }

    /// What is due at a deadline.
    pub(super) fn time_out(&mut self, now: Instant, out: &mut Vec<Segment>) {
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
        out.push(self.oldest(now));
        self.tries += 1;
        self.wait = self.wait.times(2);
        self.again_at = Some(now + self.wait);
    }

    /// The first segment that has not been acknowledged, again.
    fn oldest(&self, now: Instant) -> Segment {
        if self.phase == Phase::SynReceived {
            return self.syn_ack(now);
        }
        let mut segment = self.plain(now, self.unacknowledged);
        if self.waiting.is_empty() {
            segment.fin = self.fin == Fin::Sent;
        } else {
            // One byte into a closed window: a window probe (RFC 9293, section 3.8.6.1).
            let most = if self.peer_window == 0 {
                1
            } else {
                self.mss as usize
            };
            segment.payload = self.waiting.iter().take(most).copied().collect();
            segment.psh = true;
        }
        segment
    }

    fn take_acknowledgement(&mut self, now: Instant, segment: &Segment) {
        self.peer_window = u32::from(segment.window) << self.peer_scale;
        let mut acknowledged = segment.ack_number.wrapping_sub(self.unacknowledged);
        if acknowledged == 0 || acknowledged > self.next.wrapping_sub(self.unacknowledged) {
            return;
        }
        self.unacknowledged = segment.ack_number;
        if self.phase == Phase::SynReceived {
            acknowledged -= 1;
            self.phase = Phase::Established;
            self.wait = now.since(self.began).times(2).max(LEAST_WAIT);
            self.waiting.extend(&self.service.says);
        }
        let bytes = (acknowledged as usize).min(self.waiting.len());
        self.waiting.drain(..bytes);
        if acknowledged as usize > bytes && self.fin == Fin::Sent {
            self.fin = Fin::Acknowledged;
        }
        self.tries = 0;
        self.again_at = (self.unacknowledged != self.next).then(|| now + self.wait);
    }

    /// Takes what a segment carries, if it is what comes next; whether it has to be acknowledged.
    fn take_bytes(&mut self, segment: &Segment) -> bool {
        if segment.length() == 0 {
            return false;
        }
        let full = self.waiting.len() + segment.payload.len() > MOST_WAITING;
        if segment.seq != self.expected || self.peer_closed || full {
            return true;
        }
        self.expected = self.expected.wrapping_add(segment.length());
        self.peer_closed = segment.fin;
        if !segment.payload.is_empty() {
            self.serve(&segment.payload);
        }
        if self.peer_closed && self.fin == Fin::Open {
            self.fin = Fin::Wanted;
        }
        true
    }

    fn serve(&mut self, bytes: &[u8]) {
        if self.service.echoes && self.fin == Fin::Open {
            self.waiting.extend(bytes);
        }
        if let (Some(answer), false) = (&self.service.answers, self.answered) {
            self.answered = true;
            self.waiting.extend(answer);
            self.fin = Fin::Wanted;
        }
    }

    fn in_flight(&self) -> u32 {
        self.next.wrapping_sub(self.unacknowledged)
    }

    /// Sends what may be sent.
    fn send(&mut self, now: Instant, out: &mut Vec<Segment>) {
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
            out.push(segment);
        }
        let stuck = !self.waiting.is_empty() && self.peer_window == 0;
        if self.again_at.is_none() && (out.len() > before && self.in_flight() > 0 || stuck) {
            self.again_at = Some(now + self.wait);
        }
    }

    fn close_if_done(&mut self, now: Instant) {
        if !(self.peer_closed && self.fin == Fin::Acknowledged) {
            return;
        }
        // Whoever closed first waits (RFC 9293, section 3.6); the service closes first when it answers.
        if self.answered {
            self.phase = Phase::TimeWait;
            self.again_at = Some(now + TIME_WAIT);
        } else {
            self.phase = Phase::Gone;
            self.again_at = None;
        }
    }

    fn in_window(&self, seq: u32) -> bool {
        seq.wrapping_sub(self.expected) < u32::from(self.template.window).max(1)
    }

    /// An acknowledgement of what has come, and nothing else.
    pub(super) fn bare(&self, now: Instant) -> Segment {
        self.plain(now, self.next)
    }

    fn plain(&self, now: Instant, seq: u32) -> Segment {
        let mut segment = self.template.clone();
        segment.seq = seq;
        segment.ack_number = self.expected;
        if self.phase != Phase::SynReceived {
            // A FIN stays in the buffer, and takes its place in the window (Linux, measured).
            let free = self.template.window - u16::from(self.peer_closed);
            segment.window = scaled(free, self.options.window_scale);
        }
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

/// After the handshake the window is in units of its scale.
fn scaled(window: u16, scale: Option<u8>) -> u16 {
    scale.map_or(window, |scale| {
        (u32::from(window).div_ceil(1 << scale)) as u16
    })
}

/// Milliseconds, from a beginning that differs from host to host.
fn stamp(now: Instant, host: std::net::SocketAddr) -> u32 {
    let [high, low] = crate::random::address_parts(host.ip());
    (crate::random::hash(&[high, low]) as u32).wrapping_add(now.as_millis() as u32)
}

fn own_mss(segment: &Segment) -> u16 {
    if segment.to.is_ipv6() { MSS_V6 } else { MSS_V4 }
}

/// The options of a SYN-ACK: what the SYN offers, and the own segment size (RFC 7323, section 1.3).
pub(super) fn answer_to(syn: &Segment) -> Options {
    Options {
        mss: Some(own_mss(syn)),
        window_scale: syn.options.window_scale.map(|_| WINDOW_SCALE),
        sack_permitted: syn.options.sack_permitted,
        timestamps: syn.options.timestamps.map(|(value, _)| (0, value)),
    }
}

/// As many whole segments as fit into 64 KiB (Linux: 65,160 with timestamps, 64,240 without).
fn window(syn: &Segment, offered: Options) -> u16 {
    let mss = own_mss(syn) - if offered.timestamps.is_some() { 12 } else { 0 };
    u16::MAX / mss * mss
}

/// Whether sequence number `a` comes after `b` (RFC 9293, section 3.4).
fn after(a: u32, b: u32) -> bool {
    b.wrapping_sub(a).cast_signed() < 0
}

/// The answer to a segment that belongs to no connection (RFC 9293, section 3.10.7.1), as Linux sends it.
pub(super) fn reset(segment: &Segment, ttl: u8) -> Option<Segment> {
    if segment.rst {
        return None;
    }
    let mut reset = Segment::new(segment.to, segment.from, ttl);
    reset.rst = true;
    if segment.ack {
        reset.seq = segment.ack_number;
    } else {
        reset.ack = true;
        reset.ack_number = segment.seq.wrapping_add(segment.length());
    }
    Some(reset)
}
