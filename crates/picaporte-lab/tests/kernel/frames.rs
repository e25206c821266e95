//! TCP segments in a capture, with what varies from connection to connection taken out.

use etherparse::{NetSlice, SlicedPacket, TcpOptionElement, TransportSlice};

/// A segment with numbers relative to its connection's beginnings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) from_port: u16,
    pub(crate) to_port: u16,
    pub(crate) flags: String,
    pub(crate) window: u16,
    /// Kind and size of every option in its order; timestamps without their values.
    pub(crate) options: Vec<TcpOptionElement>,
    pub(crate) payload: Vec<u8>,
    pub(crate) ttl: u8,
    pub(crate) dont_fragment: Option<bool>,
    pub(crate) identification: Option<u16>,
    pub(crate) seq: u32,
    pub(crate) ack: u32,
}

/// The TCP segments among IP packets, in order.
pub(crate) fn segments(packets: &[Vec<u8>]) -> Vec<Frame> {
    packets.iter().filter_map(|packet| read(packet)).collect()
}

fn read(packet: &[u8]) -> Option<Frame> {
    let sliced = SlicedPacket::from_ip(packet).ok()?;
    let Some(TransportSlice::Tcp(tcp)) = &sliced.transport else {
        return None;
    };
    let (ttl, dont_fragment, identification) = match sliced.net.as_ref()? {
        NetSlice::Ipv4(ip) => (
            ip.header().ttl(),
            Some(ip.header().dont_fragment()),
            Some(ip.header().identification()),
        ),
        NetSlice::Ipv6(ip) => (ip.header().hop_limit(), None, None),
        NetSlice::Arp(_) => return None,
    };
    let flags = [
        ('S', tcp.syn()),
        ('F', tcp.fin()),
        ('R', tcp.rst()),
        ('.', tcp.ack()),
    ];
    let options = tcp.options_iterator().flatten().map(|option| match option {
        TcpOptionElement::Timestamp(..) => TcpOptionElement::Timestamp(0, 0),
        other => other,
    });
    Some(Frame {
        from_port: tcp.source_port(),
        to_port: tcp.destination_port(),
        flags: flags
            .iter()
            .filter(|(_, set)| *set)
            .map(|(flag, _)| *flag)
            .collect(),
        window: tcp.window_size(),
        options: options.collect(),
        payload: tcp.payload().to_vec(),
        ttl,
        dont_fragment,
        identification,
        seq: tcp.sequence_number(),
        ack: tcp.acknowledgment_number(),
    })
}
