//! What goes into the headers of segments that need no connection: what a SYN-ACK offers, numbers, and the RST.

use picaporte_core::Instant;

use crate::sim::packet::{Options, Segment};

/// What an Ethernet link carries, less the headers of IPv4 or IPv6 and TCP.
const MSS_V4: u16 = 1_460;
const MSS_V6: u16 = 1_440;
/// Taken where the peer says nothing (RFC 9293, section 3.7.1).
const MSS_UNSAID_V4: u16 = 536;
const MSS_UNSAID_V6: u16 = 1_220;
/// What the timestamps take of every segment (RFC 7323, appendix A).
pub(super) const STAMP_BYTES: u16 = 12;
/// Linux with its `tcp_rmem` of 6 MiB (`net/ipv4/tcp_output.c`, `tcp_select_initial_window`).
const WINDOW_SCALE: u8 = 7;
/// No segment is made smaller for a peer that asks for it (Linux's `TCP_MIN_MSS`).
pub(super) const LEAST_MSS: u16 = 88;

/// After the handshake the window is in units of its scale.
pub(super) fn scaled(window: u32, scale: Option<u8>) -> u16 {
    window.div_ceil(1 << scale.unwrap_or(0)) as u16
}

/// Milliseconds, from a beginning that differs from host to host.
pub(in crate::sim) fn stamp(now: Instant, host: std::net::SocketAddr) -> u32 {
    let [high, low] = crate::random::address_parts(host.ip());
    (crate::random::hash(&[high, low]) as u32).wrapping_add(now.as_millis() as u32)
}

pub(super) fn unsaid_mss(segment: &Segment) -> u16 {
    if segment.to.is_ipv6() {
        MSS_UNSAID_V6
    } else {
        MSS_UNSAID_V4
    }
}

pub(in crate::sim) fn own_mss(segment: &Segment) -> u16 {
    if segment.to.is_ipv6() { MSS_V6 } else { MSS_V4 }
}

/// The options of a SYN-ACK: what the SYN offers, and the own segment size (RFC 7323, section 1.3).
pub(in crate::sim) fn answer_to(syn: &Segment) -> Options {
    Options {
        mss: Some(own_mss(syn)),
        window_scale: syn.options.window_scale.map(|_| WINDOW_SCALE),
        sack_permitted: syn.options.sack_permitted,
        timestamps: syn.options.timestamps.map(|(value, _)| (0, value)),
    }
}

/// As many whole segments as fit into 64 KiB (Linux: 65,160 with timestamps, 64,240 without).
pub(super) fn window(syn: &Segment, offered: Options) -> u16 {
    let mss = own_mss(syn) - offered.timestamps.map_or(0, |_| STAMP_BYTES);
    u16::MAX / mss * mss
}

/// Whether sequence number `a` comes after `b` (RFC 9293, section 3.4).
pub(super) fn after(a: u32, b: u32) -> bool {
    b.wrapping_sub(a).cast_signed() < 0
}

/// The answer to a segment that belongs to no connection (RFC 9293, section 3.10.7.1), as Linux sends it.
pub(in crate::sim) fn reset(segment: &Segment, ttl: u8) -> Option<Segment> {
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
