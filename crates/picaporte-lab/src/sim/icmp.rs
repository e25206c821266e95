//! ICMP and `ICMPv6` as bytes of IP packets: errors about packets, and echoes. Knows no connection and no path.

use std::net::IpAddr;

use etherparse::{
    IcmpEchoHeader, Icmpv4Header, Icmpv4Type, Icmpv6Header, Icmpv6Type, IpNumber, Ipv4Header,
    Ipv6Header, NetSlice, SlicedPacket, TransportSlice,
};

use super::packet::{LONGEST, ip_header, is_sound, octets, same_sum};

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

/// Who sent the packet, and its bytes with another time to live; what a link has padded it with is none of it.
fn quoted(packet: &[u8], ttl: u8) -> Option<(IpAddr, Vec<u8>)> {
    let mut quote = packet.to_vec();
    if packet.first()? >> 4 == 4 {
        let (mut header, _) = Ipv4Header::from_slice(packet).ok()?;
        header.time_to_live = ttl;
        header.header_checksum = header.calc_header_checksum();
        quote.truncate(usize::from(header.total_len));
        quote
            .get_mut(..header.header_len())?
            .copy_from_slice(&header.to_bytes());
        Some((IpAddr::V4(header.source.into()), quote))
    } else {
        let (header, _) = Ipv6Header::from_slice(packet).ok()?;
        quote.truncate(Ipv6Header::LEN + usize::from(header.payload_length));
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
    /// Reads an IP packet; one with a wrong checksum is nothing.
    pub(crate) fn parse(packet: &[u8]) -> Option<Self> {
        if packet.len() > LONGEST {
            return None;
        }
        let sliced = SlicedPacket::from_ip(packet).ok()?;
        let transport = sliced.transport.as_ref()?;
        match (sliced.net.as_ref()?, transport) {
            (NetSlice::Ipv4(ip), TransportSlice::Icmpv4(icmp)) => {
                let ip = ip.header().to_header();
                let Icmpv4Type::EchoRequest(header) = icmp.icmp_type() else {
                    return None;
                };
                let payload = icmp.payload().to_vec();
                let sound = same_sum(icmp.icmp_type().calc_checksum(&payload), icmp.checksum());
                (sound && is_sound(&ip)).then(|| Self {
                    to: IpAddr::V4(ip.destination.into()),
                    from: IpAddr::V4(ip.source.into()),
                    ttl: ip.time_to_live,
                    header,
                    payload,
                })
            }
            (NetSlice::Ipv6(ip), TransportSlice::Icmpv6(icmp)) => {
                let ip = ip.header().to_header();
                let Icmpv6Type::EchoRequest(header) = icmp.icmp_type() else {
                    return None;
                };
                let sound = icmp.is_checksum_valid(ip.source, ip.destination);
                sound.then(|| Self {
                    to: IpAddr::V6(ip.destination.into()),
                    from: IpAddr::V6(ip.source.into()),
                    ttl: ip.hop_limit,
                    header,
                    payload: icmp.payload().to_vec(),
                })
            }
            _ => None,
        }
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
