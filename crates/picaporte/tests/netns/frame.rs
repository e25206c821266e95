//! One captured frame, cut to its headers, as a test reads it: who spoke to whom, with which flags. Knows nothing of
//! how it was captured.

use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

use etherparse::{LaxNetSlice, LaxSlicedPacket, TransportSlice};

/// One TCP segment or ICMP error as it passed the namespace's link.
#[derive(Clone, Debug)]
pub(crate) struct Packet {
    /// Since the epoch, by the kernel's receive time stamp.
    pub(crate) at: Duration,
    /// Sent by the namespace of the capture (else received by it).
    pub(crate) sent: bool,
    /// Ports are 0 for ICMP.
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    pub(crate) flags: Flags,
    /// TCP payload in bytes.
    pub(crate) payload: usize,
    /// Type and code.
    pub(crate) icmp: Option<(u8, u8)>,
}

/// TCP flags; all clear for ICMP.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "that is what a TCP header holds"
)]
pub(crate) struct Flags {
    pub(crate) syn: bool,
    pub(crate) ack: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
}

impl Packet {
    /// The first segment of a handshake, a retransmission of it included.
    pub(crate) fn is_syn(&self) -> bool {
        self.flags.syn && !self.flags.ack
    }

    pub(crate) fn is_syn_ack(&self) -> bool {
        self.flags.syn && self.flags.ack
    }

    /// The end of the conversation that is not the namespace of the capture.
    pub(crate) fn peer(&self) -> SocketAddr {
        if self.sent { self.to } else { self.from }
    }

    /// The end of the conversation in the namespace of the capture.
    pub(crate) fn own(&self) -> SocketAddr {
        if self.sent { self.from } else { self.to }
    }
}

/// What a captured frame turned out to be.
pub(crate) enum Frame {
    Packet(Packet),
    /// UDP over loopback; other loopback traffic is not told apart.
    Loopback {
        source_port: u16,
    },
    /// Packets that the kernel had to drop before this one.
    Lost(u32),
    Other,
}

/// Reads a frame that passed at `at`; of loopback only UDP is told.
pub(crate) fn parse(frame: &[u8], at: Duration, sent: bool, loopback: bool) -> Frame {
    let Ok(sliced) = LaxSlicedPacket::from_ethernet(frame) else {
        return Frame::Other;
    };
    let (Some(net), Some(transport)) = (&sliced.net, &sliced.transport) else {
        return Frame::Other;
    };
    if loopback {
        return match transport {
            TransportSlice::Udp(udp) => Frame::Loopback {
                source_port: udp.source_port(),
            },
            _ => Frame::Other,
        };
    }
    let Some((source, destination, carried)) = addresses(net) else {
        return Frame::Other;
    };
    let mut packet = Packet {
        at,
        sent,
        from: SocketAddr::new(source, 0),
        to: SocketAddr::new(destination, 0),
        flags: Flags::default(),
        payload: 0,
        icmp: None,
    };
    match transport {
        TransportSlice::Tcp(tcp) => {
            packet.from.set_port(tcp.source_port());
            packet.to.set_port(tcp.destination_port());
            packet.flags = Flags {
                syn: tcp.syn(),
                ack: tcp.ack(),
                fin: tcp.fin(),
                rst: tcp.rst(),
            };
            packet.payload = carried.saturating_sub(usize::from(tcp.data_offset()) * 4);
        }
        TransportSlice::Icmpv4(icmp) => packet.icmp = Some((icmp.type_u8(), icmp.code_u8())),
        TransportSlice::Icmpv6(icmp) => packet.icmp = Some((icmp.type_u8(), icmp.code_u8())),
        _ => return Frame::Other,
    }
    Frame::Packet(packet)
}

/// Source, destination and the number of bytes carried, by the headers' own word since the frame is cut.
fn addresses(net: &LaxNetSlice<'_>) -> Option<(IpAddr, IpAddr, usize)> {
    match net {
        LaxNetSlice::Ipv4(ip) => {
            let header = ip.header();
            let carried = usize::from(header.total_len()).saturating_sub(header.slice().len());
            Some((
                header.source_addr().into(),
                header.destination_addr().into(),
                carried,
            ))
        }
        LaxNetSlice::Ipv6(ip) => {
            let header = ip.header();
            Some((
                header.source_addr().into(),
                header.destination_addr().into(),
                usize::from(header.payload_length()),
            ))
        }
        LaxNetSlice::Arp(_) => None,
    }
}
