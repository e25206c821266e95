//! TCP segments and ICMP errors as bytes of IP packets, both ways. Knows no connection and no path.

use std::net::{IpAddr, SocketAddr};

use etherparse::{
    IcmpEchoHeader, Icmpv4Header, Icmpv4Type, Icmpv6Header, Icmpv6Type, IpNumber, Ipv4Header,
    Ipv6Header, NetSlice, SlicedPacket, TcpHeader, TcpOptionElement, TransportSlice,
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
        let sliced = SlicedPacket::from_ip(packet).map_err(|_| NoSegment::Broken)?;
        let (Some(net), Some(TransportSlice::Tcp(tcp))) = (&sliced.net, &sliced.transport) else {
            return Err(NoSegment::Other);
        };
        let (from, to, ttl, checksum): (IpAddr, IpAddr, _, _) = match net {
            NetSlice::Ipv4(ip) => {
                let header = ip.header();
                let sum = tcp.calc_checksum_ipv4(header.source(), header.destination());
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
        if checksum != Some(tcp.checksum()) {
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

/// An address as IPv6 writes it.
fn octets(ip: IpAddr) -> [u8; 16] {
    match ip {
        IpAddr::V4(ip) => ip.to_ipv6_mapped().octets(),
        IpAddr::V6(ip) => ip.octets(),
    }
}

fn ip_header(
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

/// What is quoted of a packet at most: RFC 1812, section 4.3.2.3 (576 bytes in all), RFC 4443, section 2.4 (1,280).
const QUOTED_V4: usize = 576 - 20 - 8;
const QUOTED_V6: usize = 1_280 - 40 - 8;

/// An ICMP or `ICMPv6` error `from` a device about `packet`, to whoever sent that. The quote shows the time to live with
/// which the packet came to the device.
pub(crate) fn icmp_error(
    from: IpAddr,
    ttl: u8,
    number: (u8, u8),
    packet: &[u8],
    quoted_ttl: u8,
) -> Option<Vec<u8>> {
    let (kind, code) = number;
    let (to, mut quote) = quoted(packet, quoted_ttl)?;
    let mut out = Vec::with_capacity(48 + quote.len());
    match (from, to) {
        (IpAddr::V4(_), IpAddr::V4(_)) => {
            quote.truncate(QUOTED_V4);
            let icmp = Icmpv4Type::Unknown {
                type_u8: kind,
                code_u8: code,
                bytes5to8: [0; 4],
            };
            let header = Icmpv4Header::with_checksum(icmp, &quote);
            ip_header(
                &mut out,
                from,
                to,
                ttl,
                IpNumber::ICMP,
                header.header_len() + quote.len(),
            );
            out.extend_from_slice(&header.to_bytes());
        }
        (IpAddr::V6(_), IpAddr::V6(_)) => {
            quote.truncate(QUOTED_V6);
            let icmp = Icmpv6Type::Unknown {
                type_u8: kind,
                code_u8: code,
                bytes5to8: [0; 4],
            };
            let header =
                Icmpv6Header::with_checksum(icmp, octets(from), octets(to), &quote).ok()?;
            ip_header(
                &mut out,
                from,
                to,
                ttl,
                IpNumber::IPV6_ICMP,
                header.header_len() + quote.len(),
            );
            out.extend_from_slice(&header.to_bytes());
        }
        _ => return None,
    }
    out.extend_from_slice(&quote);
    Some(out)
}

/// Who sent the packet, and its bytes with another time to live.
fn quoted(packet: &[u8], ttl: u8) -> Option<(IpAddr, Vec<u8>)> {
    let mut quote = packet.to_vec();
    if packet.first()? >> 4 == 4 {
        let (mut header, _) = Ipv4Header::from_slice(packet).ok()?;
        header.time_to_live = ttl;
        header.header_checksum = header.calc_header_checksum();
        quote
            .get_mut(..header.header_len())?
            .copy_from_slice(&header.to_bytes());
        Some((IpAddr::V4(header.source.into()), quote))
    } else {
        let (header, _) = Ipv6Header::from_slice(packet).ok()?;
        *quote.get_mut(7)? = ttl;
        Some((IpAddr::V6(header.source.into()), quote))
    }
}

/// An echo request: who asks whom, with what time to live, and the answer that a host gives.
#[derive(Debug)]
pub(crate) struct Echo {
    pub(crate) to: IpAddr,
    pub(crate) from: IpAddr,
    pub(crate) ttl: u8,
    header: IcmpEchoHeader,
    payload: Vec<u8>,
}

impl Echo {
    /// Reads an IP packet.
    pub(crate) fn parse(packet: &[u8]) -> Option<Self> {
        let sliced = SlicedPacket::from_ip(packet).ok()?;
        let (header, payload) = match sliced.transport.as_ref()? {
            TransportSlice::Icmpv4(icmp) => match icmp.icmp_type() {
                Icmpv4Type::EchoRequest(header) => (header, icmp.payload().to_vec()),
                _ => return None,
            },
            TransportSlice::Icmpv6(icmp) => match icmp.icmp_type() {
                Icmpv6Type::EchoRequest(header) => (header, icmp.payload().to_vec()),
                _ => return None,
            },
            _ => return None,
        };
        let (from, to, ttl): (IpAddr, IpAddr, u8) = match sliced.net.as_ref()? {
            NetSlice::Ipv4(ip) => (
                ip.header().source_addr().into(),
                ip.header().destination_addr().into(),
                ip.header().ttl(),
            ),
            NetSlice::Ipv6(ip) => (
                ip.header().source_addr().into(),
                ip.header().destination_addr().into(),
                ip.header().hop_limit(),
            ),
            NetSlice::Arp(_) => return None,
        };
        Some(Self {
            to,
            from,
            ttl,
            header,
            payload,
        })
    }

    /// The reply, as it arrives with `ttl`.
    pub(crate) fn reply(&self, ttl: u8) -> Option<Vec<u8>> {
        let mut out = Vec::with_capacity(48 + self.payload.len());
        let length = 8 + self.payload.len();
        match (self.to, self.from) {
            (IpAddr::V4(_), IpAddr::V4(_)) => {
                let header =
                    Icmpv4Header::with_checksum(Icmpv4Type::EchoReply(self.header), &self.payload);
                ip_header(&mut out, self.to, self.from, ttl, IpNumber::ICMP, length);
                out.extend_from_slice(&header.to_bytes());
            }
            (from, to) => {
                let icmp = Icmpv6Type::EchoReply(self.header);
                let header =
                    Icmpv6Header::with_checksum(icmp, octets(from), octets(to), &self.payload)
                        .ok()?;
                ip_header(&mut out, from, to, ttl, IpNumber::IPV6_ICMP, length);
                out.extend_from_slice(&header.to_bytes());
            }
        }
        out.extend_from_slice(&self.payload);
        Some(out)
    }
}
