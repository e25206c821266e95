//! Ports that are not open, on the wire: one SYN and one RST for a closed port, and for a silent one as many SYNs
//! as the report admits to.

use std::net::{IpAddr, SocketAddr, TcpStream};

use libtest_mimic::{Failed, Trial};

use super::on_the_wire::{PORT, Seen, is, show};
use super::per_family;
use crate::outcome::must;
use crate::server::{Manner, Server};
use crate::wire::{Packet, syns};
use crate::world::{TARGET_V4, World};

pub(super) fn trials() -> Vec<Trial> {
    let silent = |name: &str, options: &'static str, attempts: Option<u64>| {
        Trial::test(
            format!("wire_silent_port_shows_as_many_syns_as_reported_{name}"),
            move || silent(options, attempts),
        )
    };
    let mut trials = vec![
        silent("by_default", "", None),
        silent(
            "timeout_3s_attempts_1",
            "--timeout 3s --attempts 1",
            Some(1),
        ),
        silent(
            "timeout_3s_attempts_2",
            "--timeout 3s --attempts 2",
            Some(2),
        ),
        silent(
            "timeout_200ms_attempts_3",
            "--timeout 200ms --attempts 3",
            Some(3),
        ),
        Trial::test(
            "wire_full_backlog_is_silence_not_a_verdict_of_ours",
            full_backlog,
        ),
    ];
    trials.extend(per_family(
        "wire_closed_port_shows_one_syn_and_one_rst",
        closed,
    ));
    trials
}

fn closed(target: IpAddr) -> Result<(), Failed> {
    let world = World::new()?;
    let seen = Seen::scan(&world, target, "4000-4199", "")?;
    for port in 4000..4200 {
        let (flow, line) = (seen.flow(target, port), seen.report.port(target, port)?);
        let shown = show(&flow, line);
        must(
            flow.len() == 2,
            format_args!("{} packets{shown}", flow.len()),
        )?;
        must(
            is(flow.first(), true, Packet::is_syn),
            format_args!("the first is not our SYN{shown}"),
        )?;
        must(
            is(flow.get(1), false, |packet| packet.flags.rst),
            format_args!("the second is not a RST{shown}"),
        )?;
        must(
            line["state"] == "closed" && line["reason"] == "conn-refused",
            format_args!("not closed{shown}"),
        )?;
    }
    Ok(())
}

fn silent(options: &str, attempts: Option<u64>) -> Result<(), Failed> {
    let target = IpAddr::from(TARGET_V4);
    let world = World::new()?;
    world.target.filter_input("tcp dport 5000-5031 drop;")?;
    let seen = Seen::scan(&world, target, "5000-5031", options)?;
    for port in 5000..5032 {
        let (flow, line) = (seen.flow(target, port), seen.report.port(target, port)?);
        let shown = show(&flow, line);
        let sent = flow.iter().filter(|packet| packet.is_syn()).count() as u64;
        let reported = line["attempts"]
            .as_u64()
            .map(|tries| tries + line["evidence"]["retransmits"].as_u64().unwrap_or(0));
        must(
            line["state"] == "filtered" && line["reason"] == "no-response",
            format_args!("not filtered{shown}"),
        )?;
        must(
            reported == Some(sent),
            format_args!("{sent} SYNs seen, {reported:?} reported{shown}"),
        )?;
        must(
            attempts.is_none_or(|asked| line["attempts"] == asked),
            format_args!("not {attempts:?} attempts{shown}"),
        )?;
    }
    let all_syns = syns(&seen.packets).count();
    must(
        all_syns >= 32 * attempts.unwrap_or(1) as usize,
        format_args!("only {all_syns} SYNs in all"),
    )
}

/// A listener whose queue is full drops SYNs: filtered by silence, and the retries are on the wire.
fn full_backlog() -> Result<(), Failed> {
    let target = IpAddr::from(TARGET_V4);
    let world = World::new()?;
    world.target.sysctl("core/somaxconn", "1")?;
    let _server = Server::start(&world.target, Manner::NeverAccept, [PORT])?;
    let address = SocketAddr::new(target, PORT);
    // A queue of 1 holds two connections (the kernel's test is "greater than").
    let _held = world
        .scanner
        .inside(|| [(); 2].map(|()| TcpStream::connect(address)))?;
    let seen = Seen::scan(
        &world,
        target,
        &PORT.to_string(),
        "--timeout 300ms --attempts 2",
    )?;
    let line = seen.report.port(target, PORT)?;
    let flow = seen.flow(target, PORT);
    must(
        line["state"] == "filtered" && line["reason"] == "no-response",
        format_args!("not silent{}", show(&flow, line)),
    )
}
