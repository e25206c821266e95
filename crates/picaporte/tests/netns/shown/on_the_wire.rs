//! An open port as its server sees it: the handshake, the orderly close, and no reset of ours unless the report
//! admits to it.

use std::net::{IpAddr, SocketAddr};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;

use super::per_family;
use crate::outcome::must;
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::{Capture, Packet};
use crate::world::{TARGET_V4, World};

pub(super) const PORT: u16 = 2525;

pub(super) fn trials() -> Vec<Trial> {
    let mut trials = vec![Trial::test(
        "wire_firehose_is_open_bounded_and_reset",
        firehose,
    )];
    trials.extend(per_family(
        "wire_server_that_speaks_first_is_closed_in_order",
        |ip| closed_in_order(ip, Manner::Banner),
    ));
    trials.extend(per_family("wire_silent_server_is_closed_in_order", |ip| {
        closed_in_order(ip, Manner::Silent)
    }));
    trials.extend(per_family(
        "wire_server_that_closes_at_once_is_closed_in_order",
        |ip| closed_in_order(ip, Manner::CloseAtOnce),
    ));
    trials.extend(per_family("wire_server_that_never_accepts_is_open", |ip| {
        open_with_our_fin(ip, Manner::NeverAccept)
    }));
    trials.extend(per_family(
        "wire_server_that_never_closes_is_open_and_left",
        |ip| open_with_our_fin(ip, Manner::HoldOpen),
    ));
    trials.extend(per_family(
        "wire_server_that_resets_at_once_is_open_with_close_reset",
        reset_on_accept,
    ));
    trials
}

/// A scan of the ports of one target, and what it put on the wire.
pub(super) struct Seen {
    pub(super) report: Report,
    pub(super) packets: Vec<Packet>,
}

impl Seen {
    pub(super) fn scan(
        world: &World,
        target: IpAddr,
        ports: &str,
        options: &str,
    ) -> Result<Self, Failed> {
        let capture = Capture::start(&world.scanner)?;
        let report = Scan::new(&world.scanner, &target)
            .with("--show all -p")
            .with(ports)
            .with(options)
            .report(0)?;
        Ok(Self {
            report,
            packets: capture.finish()?,
        })
    }

    pub(super) fn flow(&self, target: IpAddr, port: u16) -> Vec<&Packet> {
        let peer = SocketAddr::new(target, port);
        self.packets
            .iter()
            .filter(|packet| packet.peer() == peer)
            .collect()
    }
}

pub(super) fn is(packet: Option<&&Packet>, sent: bool, kind: fn(&Packet) -> bool) -> bool {
    packet.is_some_and(|packet| packet.sent == sent && kind(packet))
}

fn is_bare_ack(packet: &Packet) -> bool {
    packet.flags.ack && !packet.flags.syn && !packet.flags.rst
}

pub(super) fn show(flow: &[&Packet], line: &Value) -> String {
    let packets: Vec<String> = flow.iter().map(|packet| format!("  {packet:?}")).collect();
    format!("\n  reported: {line}\n{}", packets.join("\n"))
}

/// SYN, SYN-ACK, ACK in this order and once each.
fn must_shake_hands(flow: &[&Packet], line: &Value) -> Result<(), Failed> {
    let shown = show(flow, line);
    must(
        is(flow.first(), true, Packet::is_syn),
        format_args!("the first packet is not our SYN{shown}"),
    )?;
    must(
        is(flow.get(1), false, Packet::is_syn_ack),
        format_args!("the second packet is not a SYN-ACK{shown}"),
    )?;
    must(
        is(flow.get(2), true, is_bare_ack),
        format_args!("the third packet is not our ACK{shown}"),
    )?;
    must(
        flow.iter().filter(|packet| packet.is_syn()).count() == 1,
        format_args!("more than one SYN{shown}"),
    )?;
    must(
        line["state"] == "open" && line["reason"] == "syn-ack",
        format_args!("not open by syn-ack{shown}"),
    )?;
    must(
        line["attempts"] == 1,
        format_args!("not one attempt{shown}"),
    )
}

/// `close` says `reset` if and only if a reset passed the wire.
fn must_tell_the_close(flow: &[&Packet], line: &Value) -> Result<(), Failed> {
    let expected = if flow.iter().any(|packet| packet.flags.rst) {
        "reset"
    } else {
        "fin"
    };
    must(
        line["evidence"]["close"] == expected,
        format_args!("`close` is not {expected:?}{}", show(flow, line)),
    )
}

fn closed_in_order(target: IpAddr, manner: Manner) -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, manner, [PORT])?;
    let seen = Seen::scan(&world, target, &PORT.to_string(), "")?;
    let (flow, line) = (seen.flow(target, PORT), seen.report.port(target, PORT)?);
    must_shake_hands(&flow, line)?;
    let shown = show(&flow, line);
    must(
        flow.iter().any(|packet| packet.sent && packet.flags.fin),
        format_args!("no FIN from us{shown}"),
    )?;
    must(
        flow.iter().any(|packet| !packet.sent && packet.flags.fin),
        format_args!("no FIN from the server{shown}"),
    )?;
    must(
        !flow.iter().any(|packet| packet.flags.rst),
        format_args!("a RST{shown}"),
    )?;
    must_tell_the_close(&flow, line)
}

/// Open whatever the server neglects; our FIN leaves, and no reset of ours before it.
fn open_with_our_fin(target: IpAddr, manner: Manner) -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, manner, [PORT])?;
    let seen = Seen::scan(&world, target, &PORT.to_string(), "")?;
    let (flow, line) = (seen.flow(target, PORT), seen.report.port(target, PORT)?);
    must_shake_hands(&flow, line)?;
    let end = flow
        .iter()
        .find(|packet| packet.sent && (packet.flags.fin || packet.flags.rst));
    must(
        end.is_some_and(|packet| packet.flags.fin),
        format_args!("the first that ends is not our FIN{}", show(&flow, line)),
    )?;
    must_tell_the_close(&flow, line)
}

fn reset_on_accept(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let ports = 3000..3100;
    let _server = Server::start(&world.target, Manner::ResetOnAccept, ports.clone())?;
    let seen = Seen::scan(&world, target, "3000-3099", "")?;
    for port in ports {
        let (flow, line) = (seen.flow(target, port), seen.report.port(target, port)?);
        must_shake_hands(&flow, line)?;
        must(
            // After the peer's RST no connection is left, and the kernel answers stray segments with RSTs.
            flow.iter()
                .take_while(|packet| packet.sent || !packet.flags.rst)
                .all(|packet| !packet.flags.rst),
            format_args!("a RST from us{}", show(&flow, line)),
        )?;
        must(
            line["evidence"]["close"] == "reset",
            format_args!("`close` is not \"reset\"{}", show(&flow, line)),
        )?;
    }
    Ok(())
}

fn firehose() -> Result<(), Failed> {
    // The drain is bounded to 64 KiB; what the kernel had taken before is bounded by its receive buffer.
    const MOST_BYTES: usize = 2 << 20;
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Firehose, [PORT])?;
    let seen = Seen::scan(&world, TARGET_V4.into(), &PORT.to_string(), "")?;
    let line = seen.report.port(TARGET_V4.into(), PORT)?;
    let flow = seen.flow(TARGET_V4.into(), PORT);
    let received: usize = flow
        .iter()
        .filter(|packet| !packet.sent)
        .map(|packet| packet.payload)
        .sum();
    must(
        line["state"] == "open" && line["reason"] == "syn-ack",
        format_args!("not open: {line}"),
    )?;
    must(
        line["evidence"]["close"] == "reset",
        format_args!("`close` is not \"reset\": {line}"),
    )?;
    must(
        flow.iter().any(|packet| packet.sent && packet.flags.fin),
        "no FIN before the bound was reached",
    )?;
    must(
        received > 64 << 10,
        format_args!("only {received} bytes received: the bound was not reached"),
    )?;
    must(
        received <= MOST_BYTES,
        format_args!("{received} bytes received: not bounded"),
    )
}
