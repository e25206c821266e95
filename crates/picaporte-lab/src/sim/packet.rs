//! TCP segments as bytes of IP packets, both ways. Knows no connection and no path.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    IpNumber, Ipv4Header, Ipv6Header, NetSlice, SlicedPacket, TcpHeader, TcpOptionElement,
    TransportSlice,
};

/// A TCP segment with what its IP header says.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Segment {
    pub(crate) from: SocketAddr,
    pub(crate) to: SocketAddr,
    /// Time to live or hop limit, as it is in the packet.
    pub(crate) ttl: u8,
    pub(crate) seq: u32,
    pub(crate) ack_number: u32,
    pub(crate) syn: bool,
    pub(crate) ack: bool,
    pub(crate) fin: bool,
    pub(crate) rst: bool,
    pub(crate) psh: bool,
    pub(crate) window: u16,
    pub(crate) options: Options,
    pub(crate) payload: Vec<u8>,
}

/// The TCP options that are spoken of here (RFC 9293, RFC 7323, RFC 2018).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) mss: Option<u16>,
    pub(crate) window_scale: Option<u8>,
    pub(crate) sack_permitted: bool,
    pub(crate) timestamps: Option<(u32, u32)>,
}

/// No packet without an extension of IPv6 that nobody uses (RFC 2675) is longer.
pub(super) const LONGEST: usize = 65_535;

/// What came that is no sound TCP segment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NoSegment {
    /// Another protocol, or a fragment.
    Other,
    /// Cut off, or with a wrong checksum: a host would drop it.
    Broken,
}

impl Segment {
    /// A segment with no flag and nothing in it.
    pub(crate) fn new(from: SocketAddr, to: SocketAddr, ttl: u8) -> Self {
        Self {
            from,
            to,
            ttl,
            seq: 0,
            ack_number: 0,
            syn: false,
            ack: false,
            fin: false,
            rst: false,
            psh: false,
            window: 0,
            options: Options::default(),
            payload: Vec::new(),
        }
    }

    /// Whether it opens a connection.
    pub(crate) fn opens(&self) -> bool {
        self.syn && !self.ack && !self.rst
    }

    /// How much of the sequence space it takes (RFC 9293, section 3.4).
    pub(crate) fn length(&self) -> u32 {
        self.payload.len() as u32 + u32::from(self.syn) + u32::from(self.fin)
    }

    /// Reads an IP packet.
    pub(crate) fn parse(packet: &[u8]) -> Result<Self, NoSegment> {
        if packet.len() > LONGEST {
            return Err(NoSegment::Broken);
        }
        let sliced = SlicedPacket::from_ip(packet).map_err(|_| NoSegment::Broken)?;
        let (Some(net), Some(TransportSlice::Tcp(tcp))) = (&sliced.net, &sliced.transport) else {
            return Err(NoSegment::Other);
        };
        let (from, to, ttl, checksum): (IpAddr, IpAddr, _, _) = match net {
            NetSlice::Ipv4(ip) => {
                let header = ip.header();
                let sum = tcp.calc_checksum_ipv4(header.source(), header.destination());
                if !is_sound(&header.to_header()) {
                    return Err(NoSegment::Broken);
                }
                (
                    header.source_addr().into(),
                    header.destination_addr().into(),
                    header.ttl(),
                    sum.ok(),
                )
            }
            NetSlice::Ipv6(ip) => {
                let header = ip.header();
                let sum = tcp.calc_checksum_ipv6(header.source(), header.destination());
                (
                    header.source_addr().into(),
                    header.destination_addr().into(),
                    header.hop_limit(),
                    sum.ok(),
                )
            }
            NetSlice::Arp(_) => return Err(NoSegment::Other),
        };
        if !checksum.is_some_and(|sum| same_sum(sum, tcp.checksum())) {
            return Err(NoSegment::Broken);
        }
        Ok(Self {
            from: (from, tcp.source_port()).into(),
            to: (to, tcp.destination_port()).into(),
            ttl,
            seq: tcp.sequence_number(),
            ack_number: tcp.acknowledgment_number(),
            syn: tcp.syn(),
            ack: tcp.ack(),
            fin: tcp.fin(),
            rst: tcp.rst(),
            psh: tcp.psh(),
            window: tcp.window_size(),
            options: Options::read(tcp.options_iterator()),
            payload: tcp.payload().to_vec(),
        })
    }

    /// As an IP packet, as Linux writes it: Don't Fragment, and identification 0.
    pub(crate) fn bytes(&self) -> Vec<u8> {
        let mut header = TcpHeader::new(self.from.port(), self.to.port(), self.seq, self.window);
        header.acknowledgment_number = self.ack_number;
        header.syn = self.syn;
        header.ack = self.ack;
        header.fin = self.fin;
        header.rst = self.rst;
        header.psh = self.psh;
        header
            .set_options(&self.options.elements())
            .expect("at most 20 bytes of options, and 40 fit");
        let mut packet = Vec::with_capacity(60 + self.payload.len());
        let sum = match (self.from.ip(), self.to.ip()) {
            (IpAddr::V4(from), IpAddr::V4(to)) => {
                header.calc_checksum_ipv4_raw(from.octets(), to.octets(), &self.payload)
            }
            (from, to) => header.calc_checksum_ipv6_raw(octets(from), octets(to), &self.payload),
        };
        header.checksum = sum.expect("a segment is shorter than 64 KiB");
        let length = header.header_len() + self.payload.len();
        ip_header(
            &mut packet,
            self.from.ip(),
            self.to.ip(),
            self.ttl,
            IpNumber::TCP,
            length,
        );
        packet.extend_from_slice(&header.to_bytes());
        packet.extend_from_slice(&self.payload);
        packet
    }
}

impl Options {
    fn read(elements: etherparse::TcpOptionsIterator<'_>) -> Self {
        let mut options = Self::default();
        for element in elements.flatten() {
            match element {
                TcpOptionElement::MaximumSegmentSize(mss) => options.mss = Some(mss),
                TcpOptionElement::WindowScale(scale) => options.window_scale = Some(scale),
                TcpOptionElement::SelectiveAcknowledgementPermitted => {
                    options.sack_permitted = true;
                }
                TcpOptionElement::Timestamp(value, echo) => {
                    options.timestamps = Some((value, echo));
                }
                _ => {}
            }
        }
        options
    }

    /// In the order and with the padding of Linux (`net/ipv4/tcp_output.c`, `tcp_options_write`).
    fn elements(self) -> Vec<TcpOptionElement> {
        use TcpOptionElement::{
            MaximumSegmentSize, Noop, SelectiveAcknowledgementPermitted, Timestamp, WindowScale,
        };
        let mut elements = Vec::with_capacity(6);
        elements.extend(self.mss.map(MaximumSegmentSize));
        match (self.sack_permitted, self.timestamps) {
            (true, Some((value, echo))) => {
                elements.extend([SelectiveAcknowledgementPermitted, Timestamp(value, echo)]);
            }
            (false, Some((value, echo))) => elements.extend([Noop, Noop, Timestamp(value, echo)]),
            (true, None) => elements.extend([Noop, Noop, SelectiveAcknowledgementPermitted]),
            (false, None) => {}
        }
        elements.extend(
            self.window_scale
                .iter()
                .flat_map(|&scale| [Noop, WindowScale(scale)]),
        );
        elements
    }
}

/// Whether two checksums stand for the same: in one's complement, zero is written with all bits clear or all set (RFC 1624,
/// section 3), and Linux writes either.
pub(super) fn same_sum(a: u16, b: u16) -> bool {
    a == b || (a ^ b == u16::MAX && (a == 0 || b == 0))
}

/// A router or a host drops a packet whose header's checksum is wrong (RFC 1122, section 3.2.1.2).
pub(super) fn is_sound(header: &Ipv4Header) -> bool {
    same_sum(header.header_checksum, header.calc_header_checksum())
}

/// An address as IPv6 writes it.
pub(super) fn octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

pub(super) fn ip_header(
    packet: &mut Vec<u8>,
    from: IpAddr,
    to: IpAddr,
    ttl: u8,
    protocol: IpNumber,
    length: usize,
) {
    let length = u16::try_from(length).expect("a packet is shorter than 64 KiB");
    if let (IpAddr::V4(from), IpAddr::V4(to)) = (from, to) {
        let mut header = Ipv4Header::new(length, ttl, protocol, from.octets(), to.octets())
            .expect("a packet is shorter than 64 KiB");
        header.header_checksum = header.calc_header_checksum();
        packet.extend_from_slice(&header.to_bytes());
    } else {
        let header = Ipv6Header {
            payload_length: length,
            next_header: protocol,
            hop_limit: ttl,
            source: octets(from),
            destination: octets(to),
            ..Ipv6Header::default()
        };
        packet.extend_from_slice(&header.to_bytes());
    }
}
