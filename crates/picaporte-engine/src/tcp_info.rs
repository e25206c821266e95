//! What the kernel tells of a connection (`TCP_INFO`), read by the length that it gives: kernels older than a field end
//! before it. Positions are those of `struct tcp_info` in Linux `include/uapi/linux/tcp.h`, which only grows.

use picaporte_core::{Duration, Options, Peer};

/// Room for the structure as newer kernels have it; they cut it to what is asked for.
pub(crate) const ROOM: usize = 256;

/// Where each field begins.
mod at {
    pub(super) const STATE: usize = 0;
    pub(super) const OPTIONS: usize = 5;
    /// `tcpi_snd_wscale`, four bits.
    pub(super) const SCALES: usize = 6;
    pub(super) const SND_MSS: usize = 16;
    pub(super) const RTT: usize = 68;
    pub(super) const TOTAL_RETRANS: usize = 100;
    /// Since Linux 5.4.
    pub(super) const SND_WND: usize = 228;
}

/// The states that matter here, by their numbers in Linux `include/net/tcp_states.h`.
mod state {
    pub(super) const FIN_WAIT1: u8 = 4;
    pub(super) const FIN_WAIT2: u8 = 5;
    pub(super) const TIME_WAIT: u8 = 6;
    pub(super) const CLOSE: u8 = 7;
}

/// What TCP_INFO tells of an attempt or a connection.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Info {
    /// Segments sent again.
    pub retransmits: u8,
    /// The kernel's smoothed round-trip time; `None` if it has none.
    pub rtt: Option<Duration>,
    /// What it knows of the peer; `None` where the system does not tell.
    pub peer: Option<Peer>,
    /// Whether the peer acknowledged our FIN; `None` where none was sent, or the system does not tell.
    pub fin_acknowledged: Option<bool>,
}

impl Info {
    /// Reads the bytes that the kernel wrote.
    pub(crate) fn read(bytes: &[u8]) -> Self {
        let word = |at: usize| {
            let four = bytes.get(at..)?.first_chunk()?;
            Some(u32::from_ne_bytes(*four))
        };
        let retransmits = word(at::TOTAL_RETRANS).unwrap_or(0);
        let rtt = word(at::RTT).filter(|&micros| micros > 0);
        Self {
            retransmits: u8::try_from(retransmits).unwrap_or(u8::MAX),
            rtt: rtt.map(|micros| Duration::from_micros(micros.into())),
            peer: bytes.get(at::OPTIONS).map(|&bits| {
                let options = Options::from_bits(bits);
                Peer {
                    options: Some(options),
                    window_scale: bytes
                        .get(at::SCALES)
                        .filter(|_| options.contains(Options::WINDOW_SCALE))
                        .map(|&scales| first_nibble(scales)),
                    mss: word(at::SND_MSS),
                    window: word(at::SND_WND),
                }
            }),
            fin_acknowledged: bytes.get(at::STATE).and_then(|&state| match state {
                state::FIN_WAIT1 => Some(false),
                state::FIN_WAIT2 | state::TIME_WAIT | state::CLOSE => Some(true),
                _ => None,
            }),
        }
    }
}

/// The bit field that is declared first in its byte.
const fn first_nibble(byte: u8) -> u8 {
    if cfg!(target_endian = "big") {
        byte >> 4
    } else {
        byte & 0xf
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// As Linux 6 fills it for a Linux peer over Ethernet, in `FIN_WAIT2`.
    fn bytes() -> [u8; ROOM] {
        let mut bytes = [0; ROOM];
        bytes[at::STATE] = 5;
        bytes[at::OPTIONS] = 7;
        bytes[at::SCALES] = if cfg!(target_endian = "big") {
            0x7a
        } else {
            0xa7
        };
        for (at, word) in [
            (at::SND_MSS, 1_448_u32),
            (at::RTT, 212),
            (at::TOTAL_RETRANS, 2),
            (at::SND_WND, 65_160),
        ] {
            bytes[at..at + 4].copy_from_slice(&word.to_ne_bytes());
        }
        bytes
    }

    #[test]
    fn every_field_is_read_where_it_stands() {
        let options = Options::from_bits(7);
        let peer = Peer {
            options: Some(options),
            window_scale: Some(7),
            mss: Some(1_448),
            window: Some(65_160),
        };
        let info = Info {
            retransmits: 2,
            rtt: Some(Duration::from_micros(212)),
            peer: Some(peer),
            fin_acknowledged: Some(true),
        };
        assert_eq!(Info::read(&bytes()), info);
    }

    #[test]
    fn a_scale_without_the_option_is_none() {
        let mut bytes = bytes();
        bytes[at::OPTIONS] = 3;
        let peer = Info::read(&bytes).peer.unwrap_or_default();
        assert_eq!(peer.window_scale, None);
    }

    #[test]
    fn only_states_after_our_fin_tell_whether_it_was_acknowledged() {
        let told = |state| {
            let mut bytes = bytes();
            bytes[at::STATE] = state;
            Info::read(&bytes).fin_acknowledged
        };
        let states: Vec<_> = (0..=12).map(told).collect();
        let (yes, no) = (Some(true), Some(false));
        let expected = [
            None, None, None, None, no, yes, yes, yes, None, None, None, None, None,
        ];
        assert_eq!(states, expected);
    }

    proptest! {
        #[test]
        fn what_the_kernel_does_not_tell_is_not_known(length in 0..=ROOM) {
            let (all, info) = (Info::read(&bytes()), Info::read(&bytes()[..length]));
            let peer = |info: Info| info.peer.unwrap_or_default();
            prop_assert_eq!(info.fin_acknowledged, all.fin_acknowledged.filter(|_| length > at::STATE));
            prop_assert_eq!(peer(info).options, peer(all).options.filter(|_| length > at::OPTIONS));
            prop_assert_eq!(peer(info).mss, peer(all).mss.filter(|_| length >= at::SND_MSS + 4));
            prop_assert_eq!(info.rtt, all.rtt.filter(|_| length >= at::RTT + 4));
            prop_assert_eq!(peer(info).window, peer(all).window.filter(|_| length >= at::SND_WND + 4));
            prop_assert_eq!(info.retransmits, if length >= at::TOTAL_RETRANS + 4 { 2 } else { 0 });
        }
    }
}
