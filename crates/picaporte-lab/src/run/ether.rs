//! Neighbours on a simulated LAN: puts IP packets into Ethernet frames and takes them out, and answers ARP and neighbour
//! discovery for the gateway and for the hosts that exist. Who is not there does not answer.

use std::net::IpAddr;

use etherparse::{
    ArpHardwareId, ArpOperation, ArpPacket, EtherType, Ethernet2Header, Icmpv6Header, Icmpv6Type,
    IpNumber, Ipv6Header, NetSlice, SlicedPacket, TransportSlice,
};

use crate::random::{address_parts, hash};
use crate::scenario::{Path, Scenario};

type Mac = [u8; 6];

/// One LAN.
#[derive(Debug)]
pub(super) struct Ether {
    scanner: Mac,
}

/// What a frame is about.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Frame<'a> {
    /// An IP packet for the world.
    Packet(&'a [u8]),
    /// A question for a neighbour who is there: the answer, a whole frame.
    Answer(Vec<u8>),
    /// Nothing that anybody here understands, or a question for somebody who is not there.
    Nothing,
}

impl Ether {
    pub(super) fn new(scanner: Mac) -> Self {
        Self { scanner }
    }

    /// Looks at a frame of the scanner's machine.
    pub(super) fn take<'a>(&self, frame: &'a [u8], scenario: &Scenario, seed: u64) -> Frame<'a> {
        let Ok(sliced) = SlicedPacket::from_ethernet(frame) else {
            return Frame::Nothing;
        };
        let answer = match (&sliced.net, &sliced.transport) {
            (Some(NetSlice::Arp(arp)), _) => self.answer_arp(&arp.to_packet(), scenario, seed),
            (Some(NetSlice::Ipv6(ip)), Some(TransportSlice::Icmpv6(icmp)))
                if icmp.type_u8() == SOLICITATION =>
            {
                self.answer_solicitation(
                    ip.header().source_addr().into(),
                    icmp.payload(),
                    scenario,
                    seed,
                )
            }
            (Some(_), _) => {
                return Frame::Packet(frame.get(Ethernet2Header::LEN..).unwrap_or_default());
            }
            _ => None,
        };
        answer.map_or(Frame::Nothing, Frame::Answer)
    }

    /// A packet of the world, as the frame in which it comes to the scanner.
    pub(super) fn wrap(&self, packet: &[u8], scenario: &Scenario) -> Vec<u8> {
        let v6 = packet.first().is_some_and(|byte| byte >> 4 == 6);
        let from = source(packet)
            .filter(|&ip| is_neighbour(ip, scenario))
            .unwrap_or_else(|| Path::router(0, 1, v6));
        let kind = if v6 { EtherType::IPV6 } else { EtherType::IPV4 };
        self.frame(mac_of(from), kind, packet)
    }

    fn frame(&self, source: Mac, ether_type: EtherType, payload: &[u8]) -> Vec<u8> {
        let header = Ethernet2Header {
            source,
            destination: self.scanner,
            ether_type,
        };
        let mut frame = header.to_bytes().to_vec();
        frame.extend_from_slice(payload);
        frame
    }

    fn answer_arp(&self, question: &ArpPacket, scenario: &Scenario, seed: u64) -> Option<Vec<u8>> {
        let asked: [u8; 4] = question.target_protocol_addr().try_into().ok()?;
        if question.operation != ArpOperation::REQUEST || !is_there(asked.into(), scenario, seed) {
            return None;
        }
        let mac = mac_of(asked.into());
        let answer = ArpPacket::new(
            ArpHardwareId::ETHERNET,
            EtherType::IPV4,
            ArpOperation::REPLY,
            &mac,
            &asked,
            question.sender_hw_addr(),
            question.sender_protocol_addr(),
        );
        Some(self.frame(mac, EtherType::ARP, &answer.ok()?.to_bytes()))
    }

    /// RFC 4861, section 4.4: an advertisement, solicited and overriding, with the link address.
    fn answer_solicitation(
        &self,
        asker: IpAddr,
        body: &[u8],
        scenario: &Scenario,
        seed: u64,
    ) -> Option<Vec<u8>> {
        let IpAddr::V6(asker) = asker else {
            return None;
        };
        let asked: [u8; 16] = body.get(..16)?.try_into().ok()?;
        if !is_there(asked.into(), scenario, seed) {
            return None;
        }
        let mac = mac_of(asked.into());
        let mut payload = asked.to_vec();
        payload.extend([TARGET_LINK_ADDRESS, 1]);
        payload.extend(mac);
        let icmp = Icmpv6Type::Unknown {
            type_u8: ADVERTISEMENT,
            code_u8: 0,
            bytes5to8: [SOLICITED_AND_OVERRIDE, 0, 0, 0],
        };
        let header = Icmpv6Header::with_checksum(icmp, asked, asker.octets(), &payload).ok()?;
        let ip = Ipv6Header {
            payload_length: (header.header_len() + payload.len()) as u16,
            next_header: IpNumber::IPV6_ICMP,
            hop_limit: 255,
            source: asked,
            destination: asker.octets(),
            ..Ipv6Header::default()
        };
        let packet: Vec<u8> = ip
            .to_bytes()
            .into_iter()
            .chain(header.to_bytes())
            .chain(payload)
            .collect();
        Some(self.frame(mac, EtherType::IPV6, &packet))
    }
}

/// Neighbour solicitation and advertisement, the option and the flags (RFC 4861, sections 4.3, 4.4 and 4.6.1).
const SOLICITATION: u8 = 135;
const ADVERTISEMENT: u8 = 136;
const TARGET_LINK_ADDRESS: u8 = 2;
const SOLICITED_AND_OVERRIDE: u8 = 0x60;

fn source(packet: &[u8]) -> Option<IpAddr> {
    match packet.first()? >> 4 {
        4 => <[u8; 4]>::try_from(packet.get(12..16)?)
            .ok()
            .map(IpAddr::from),
        _ => <[u8; 16]>::try_from(packet.get(8..24)?)
            .ok()
            .map(IpAddr::from),
    }
}

fn is_neighbour(ip: IpAddr, scenario: &Scenario) -> bool {
    scenario
        .group_of(ip)
        .is_some_and(|(_, hosts)| scenario.paths[hosts.path].hops == 0)
}

fn is_there(ip: IpAddr, scenario: &Scenario, seed: u64) -> bool {
    ip == Path::router(0, 1, ip.is_ipv6())
        || scenario.group_of(ip).is_some_and(|(_, hosts)| {
            scenario.paths[hosts.path].hops == 0 && hosts.exists(seed, ip)
        })
}

/// A locally administered address (IEEE 802, bit 1 of the first octet), from the IP address.
fn mac_of(ip: IpAddr) -> Mac {
    let bits = hash(&address_parts(ip)).to_le_bytes();
    [0x02, bits[0], bits[1], bits[2], bits[3], bits[4]]
}
