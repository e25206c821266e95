//! One connection, seen from the host: TCP as RFC 9293 has it and as Linux does it, as far as a client can tell. It is
//! handed segments and time, and hands back segments; what the service behind it says is part of it. It knows no path.
//!
//! Left out: out-of-order segments are asked for again rather than kept, congestion control (what a service says fits
//! into any window), urgent data, selective acknowledgements, the check of timestamps against old duplicates (PAWS).

mod offer;
mod sending;

use std::collections::VecDeque;
use std::sync::Arc;

use picaporte_core::{Duration, Instant};

use super::packet::{Options, Segment};
use crate::scenario::Service;
use offer::{LEAST_MSS, STAMP_BYTES, after, own_mss, unsaid_mss, window};
pub(super) use offer::{answer_to, reset, stamp};

/// How often Linux sends a SYN-ACK again (`tcp_synack_retries`), and the first wait (RFC 6298, section 2.1).
const SYN_ACK_RETRIES: u8 = 5;
const FIRST_WAIT: Duration = Duration::from_secs(1);
/// The wait after a handshake whose SYN-ACK had to be sent again (RFC 6298, section 5.7).
const WAIT_UNMEASURED: Duration = Duration::from_secs(3);
/// What has been sent is sent again 200 ms after the round trip at the earliest (Linux's `TCP_RTO_MIN`), and so many times.
const LEAST_WAIT: Duration = Duration::from_millis(200);
const RETRIES: u8 = 8;
/// No wait is longer (Linux's `TCP_RTO_MAX`).
const LONGEST_WAIT: Duration = Duration::from_secs(120);
/// How long Linux remembers a connection that it closed first (`TCP_TIMEWAIT_LEN`), and waits for the peer's FIN after its
/// own (`tcp_fin_timeout`).
const TIME_WAIT: Duration = Duration::from_secs(60);
/// An echo stops reading when it can't get rid of what it has read.
pub(super) const MOST_WAITING: usize = 256 * 1024;

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
    /// Whether its FIN went out before the peer's came.
    closed_first: bool,
    peer_window: u32,
    peer_scale: u8,
    mss: u32,
    /// RCV.NXT.
    expected: u32,
    peer_closed: bool,
    options: Options,
    began: Instant,
    tries: u8,
    /// The first wait for an acknowledgement, and the next one.
    patience: Duration,
    wait: Duration,
    again_at: Option<Instant>,
    /// When somebody will look at the deadline.
    pub(super) alarm: Option<Instant>,
    /// When the last segment in each direction arrives: later ones do not overtake it.
    pub(super) last_out: Instant,
    pub(super) last_back: Instant,
}

impl Connection {
    /// What a SYN brings about at a port where `service` listens: a connection that has yet to send its SYN-ACK.
    /// `at` is when that goes out, `ttl` what arrives of the host's 64, `initial` the sequence number it begins with.
    pub(super) fn accept(
        at: Instant,
        syn: &Segment,
        service: Arc<Service>,
        ttl: u8,
        initial: u32,
    ) -> Self {
        let offered = syn.options;
        let mut template = Segment::new(syn.to, syn.from, ttl);
        template.ack = true;
        template.window = window(syn, offered);
        let stamps = offered.timestamps.map_or(0, |_| STAMP_BYTES);
        let mss = offered.mss.unwrap_or(unsaid_mss(syn)).min(own_mss(syn));
        Self {
            template,
            service,
            phase: Phase::SynReceived,
            answered: false,
            unacknowledged: initial,
            next: initial.wrapping_add(1),
            waiting: VecDeque::new(),
            fin: Fin::Open,
            closed_first: false,
            peer_window: u32::from(syn.window),
            peer_scale: offered.window_scale.unwrap_or(0).min(14),
            mss: u32::from(mss.max(LEAST_MSS) - stamps),
            expected: syn.seq.wrapping_add(1),
            peer_closed: false,
            options: answer_to(syn),
            began: at,
            tries: 0,
            patience: FIRST_WAIT,
            wait: FIRST_WAIT,
            again_at: Some(at + FIRST_WAIT),
            alarm: None,
            last_out: Instant::ZERO,
            last_back: Instant::ZERO,
        }
    }

    /// A connection whose handshake a SYN proxy made with these `options` of the client: `ack` ended it.
    pub(super) fn adopt(
        now: Instant,
        ack: &Segment,
        options: Options,
        service: Arc<Service>,
        ttl: u8,
    ) -> Self {
        let syn = Segment {
            seq: ack.seq.wrapping_sub(1),
            options,
            payload: Vec::new(),
            ..ack.clone()
        };
        let mut connection = Self::accept(now, &syn, service, ttl, ack.ack_number.wrapping_sub(1));
        // How far it is to the client, nobody has measured.
        connection.wait = WAIT_UNMEASURED;
        connection
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

    /// Bytes that it holds, or will have to hold.
    pub(super) fn weight(&self) -> usize {
        let says = if self.phase == Phase::SynReceived {
            self.service.says.len()
        } else {
            0
        };
        let answer = self.service.answers.as_ref().filter(|_| !self.answered);
        self.waiting.len() + says + answer.map_or(0, Vec::len)
    }

    /// Takes a segment of the peer, and puts what is to be sent into `out`. `room` says whether there is memory for more
    /// bytes; without it they are left to be sent again.
    pub(super) fn receive(
        &mut self,
        now: Instant,
        segment: &Segment,
        room: bool,
        out: &mut Vec<Segment>,
    ) {
        if segment.rst {
            self.take_reset(now, segment, out);
        } else if segment.syn {
            let repeated = self.phase == Phase::SynReceived
                && segment.opens()
                && segment.seq.wrapping_add(1) == self.expected;
            out.push(if repeated {
                self.syn_ack(now)
            } else {
                self.bare(now)
            });
        } else if !segment.ack {
            // RFC 9293, section 3.10.7.4, fifth: without ACK it is dropped.
        } else if !self.is_acceptable(segment) {
            out.push(self.bare(now));
        } else if self.phase == Phase::SynReceived && segment.ack_number != self.next {
            out.extend(reset(segment, self.template.ttl));
        } else if after(segment.ack_number, self.next) {
            out.push(self.bare(now));
        } else {
            self.take(now, segment, room, out);
        }
    }

    /// A RST: in a handshake any in the window ends it (Linux's `tcp_check_req`), later only one exactly in place does
    /// (RFC 9293, section 3.10.7.4).
    fn take_reset(&mut self, now: Instant, segment: &Segment, out: &mut Vec<Segment>) {
        let off = segment.seq.wrapping_sub(self.expected);
        if off >= u32::from(self.template.window) {
            return;
        }
        if off == 0 || self.phase == Phase::SynReceived {
            self.phase = Phase::Gone;
            self.again_at = None;
        } else {
            out.push(self.bare(now));
        }
    }

    /// Whether any of it lies in the window (RFC 9293, section 3.4).
    fn is_acceptable(&self, segment: &Segment) -> bool {
        let window = self.window();
        let off = segment.seq.wrapping_sub(self.expected);
        let last = off.wrapping_add(segment.length()).wrapping_sub(1);
        match (segment.length(), window) {
            (0, 0) => off == 0,
            (0, _) => off < window,
            // What only fills a closed window still acknowledges.
            (_, 0) => off == 0,
            _ => off < window || last < window,
        }
    }

    fn take(&mut self, now: Instant, segment: &Segment, room: bool, out: &mut Vec<Segment>) {
        if let (Some((value, _)), Some(_)) = (segment.options.timestamps, self.options.timestamps) {
            self.options.timestamps = Some((0, value));
        }
        let narrow = self.window() < self.mss;
        self.take_acknowledgement(now, segment);
        let before = out.len();
        let owes = self.take_bytes(segment, room);
        self.send(now, out);
        let opens = narrow && self.window() >= self.mss;
        if (owes || opens) && out.len() == before {
            out.push(self.bare(now));
        }
        self.close_if_done(now);
    }

    fn take_acknowledgement(&mut self, now: Instant, segment: &Segment) {
        if after(self.unacknowledged, segment.ack_number) {
            // An old one says nothing of the window as it is now.
            return;
        }
        let was_shut = self.peer_window == 0;
        self.peer_window = u32::from(segment.window) << self.peer_scale;
        let mut acknowledged = segment.ack_number.wrapping_sub(self.unacknowledged);
        if acknowledged == 0 && !was_shut {
            return;
        }
        // Whoever answers is alive: a closed window is probed for as long as it is answered (RFC 9293, section 3.8.6.1).
        self.tries = 0;
        if self.phase == Phase::SynReceived {
            acknowledged -= 1;
            self.establish(now);
        } else if self.peer_window > 0 {
            self.wait = self.patience;
        } else if acknowledged == 0 {
            return;
        }
        self.unacknowledged = segment.ack_number;
        let bytes = (acknowledged as usize).min(self.waiting.len());
        if self.fin == Fin::Sent && acknowledged as usize > bytes {
            self.fin = Fin::Acknowledged;
        }
        self.waiting.drain(..bytes);
        if self.fin != Fin::Acknowledged {
            self.again_at = (self.in_flight() > 0).then(|| now + self.wait);
        } else if acknowledged > 0 {
            self.again_at = None;
        }
    }

    /// The handshake is done.
    fn establish(&mut self, now: Instant) {
        // RFC 6298, section 2.2, with Linux's bound below the variation and not the sum (`tcp_rtt_estimator`).
        let round_trip = now.since(self.began);
        let unmeasured = self.wait > FIRST_WAIT;
        self.patience = if unmeasured {
            WAIT_UNMEASURED
        } else {
            round_trip + round_trip.times(2).max(LEAST_WAIT)
        };
        self.wait = self.patience;
        self.phase = Phase::Established;
        self.unacknowledged = self.next;
        self.waiting.extend(&self.service.says);
    }

    /// Takes what is new of what a segment carries, if nothing is missing before it; whether it has to be acknowledged.
    fn take_bytes(&mut self, segment: &Segment, room: bool) -> bool {
        if segment.length() == 0 {
            return false;
        }
        let known = self.expected.wrapping_sub(segment.seq);
        let fits =
            segment.payload.is_empty() || room && segment.payload.len() <= self.window() as usize;
        if known >= segment.length() || self.peer_closed || !fits {
            return true;
        }
        self.expected = segment.seq.wrapping_add(segment.length());
        self.peer_closed = segment.fin;
        let bytes = segment.payload.get(known as usize..).unwrap_or_default();
        if !bytes.is_empty() {
            self.serve(bytes);
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

    fn close_if_done(&mut self, now: Instant) {
        if self.fin != Fin::Acknowledged {
            return;
        }
        // Whoever closed first waits (RFC 9293, section 3.6), for the other's FIN and then for what may still be on its way.
        match (self.peer_closed, self.closed_first) {
            (true, true) if self.phase != Phase::TimeWait => {
                self.phase = Phase::TimeWait;
                self.again_at = Some(now + TIME_WAIT);
            }
            (true, false) => {
                self.phase = Phase::Gone;
                self.again_at = None;
            }
            (false, _) if self.again_at.is_none() => self.again_at = Some(now + TIME_WAIT),
            _ => {}
        }
    }

    /// What may be sent to it, in bytes: what it has told, less what it can't hold.
    fn window(&self) -> u32 {
        let room = MOST_WAITING.saturating_sub(self.waiting.len()) as u32;
        // A FIN stays in the buffer, and takes its place in the window (Linux, measured).
        let fin = u32::from(self.peer_closed);
        u32::from(self.template.window)
            .min(room)
            .saturating_sub(fin)
    }
}
