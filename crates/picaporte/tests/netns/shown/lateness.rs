//! Nothing is read too late: answers that arrive while the process is stopped, or after their timeout while the
//! scan goes on, are answers. The lengths of the pauses here are part of the cases, not waits for something.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::thread;
use std::time::Duration;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;

use crate::outcome::{Outcome, must_equal};
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::{Capture, Packet, syns};
use crate::world::{Netns, TARGET_V4, TARGETS, World};

const OPEN: std::ops::Range<u16> = 7000..7300;
const PORTS: std::ops::Range<u16> = 7000..11_000;

/// Drops the first SYN of every connection and lets its retransmission pass, a second later.
const FIRST_SYN_LOST: &str = "table inet t {
    set tried { type inet_proto . inet_service . inet_service; flags dynamic; size 65535; }
    chain input {
        type filter hook input priority 0;
        tcp flags & (syn|ack) == syn meta l4proto . tcp sport . tcp dport != @tried add @tried { meta l4proto . tcp sport . tcp dport } drop
    }
}
";

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "lateness_stopped_for_3s_changes_no_verdict",
            stopped_in_the_middle,
        ),
        Trial::test(
            "lateness_answers_that_came_while_stopped_count_past_their_timeout",
            stopped_past_the_timeout,
        ),
        Trial::test(
            "lateness_an_answer_after_the_timeout_counts_while_slots_are_free",
            late_answer_counts,
        ),
    ]
}

fn expected() -> BTreeMap<(IpAddr, u16), &'static str> {
    let state = |port| {
        if OPEN.contains(&port) {
            "open"
        } else {
            "closed"
        }
    };
    PORTS
        .map(|port| ((TARGET_V4.into(), port), state(port)))
        .collect()
}

/// Stops the scan when it has sent `after` SYNs, for three seconds.
fn scan_stopped(
    netns: &Netns,
    options: &str,
    after: usize,
) -> Result<(Outcome, Vec<Packet>), Failed> {
    let capture = Capture::start(netns)?;
    let ports = format!("-p {}-{}", PORTS.start, PORTS.end - 1);
    let running = Scan::new(netns, &TARGET_V4)
        .with(&ports)
        .with(options)
        .start()?;
    capture.wait_for_syns(after)?;
    running.signal(Signal::SIGSTOP)?;
    thread::sleep(Duration::from_secs(3));
    running.signal(Signal::SIGCONT)?;
    Ok((running.wait()?, capture.finish()?))
}

/// A pause in the middle is there to be seen on the wire, or the case did not take place.
fn must_have_paused(packets: &[Packet], outcome: &Outcome) -> Result<(), Failed> {
    let times: Vec<Duration> = syns(packets).map(|syn| syn.at).collect();
    let paused = times
        .windows(2)
        .any(|pair| pair[1].checked_sub(pair[0]) > Some(Duration::from_secs(1)));
    outcome.must(
        paused,
        "no pause on the wire: the scan was over before it was stopped",
    )
}

fn stopped_in_the_middle() -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Banner, OPEN)?;
    let (outcome, packets) = scan_stopped(&world.scanner, "--rate 2000", 3000)?;
    must_have_paused(&packets, &outcome)?;
    outcome.must_exit(0)?;
    must_equal(&outcome.report()?.states()?, &expected())
}

/// Every answer takes a second, the process is stopped by then, and goes on when every timeout has passed.
fn stopped_past_the_timeout() -> Result<(), Failed> {
    let world = World::new()?;
    world.target.nft(FIRST_SYN_LOST)?;
    let _server = Server::start(&world.target, Manner::Banner, OPEN)?;
    let limits =
        "--timeout 2500ms --attempts 1 --rate 2000 --max-inflight 10000 --host-inflight 10000";
    let (outcome, packets) = scan_stopped(&world.scanner, limits, 1000)?;
    let answered_in_pause = answered_in_pause(&packets);
    outcome.must(
        answered_in_pause > 0,
        "no answer came while the process was stopped",
    )?;
    outcome.must_exit(0)?;
    must_equal(&outcome.report()?.states()?, &expected())
}

/// Answers in the longest stretch without a new connection of ours, which is where the process was stopped.
fn answered_in_pause(packets: &[Packet]) -> usize {
    let mut known = BTreeSet::new();
    let fresh: Vec<Duration> = syns(packets)
        .filter(|syn| known.insert((syn.from, syn.to)))
        .map(|syn| syn.at)
        .collect();
    let pause = fresh
        .windows(2)
        .max_by_key(|pair| pair[1].saturating_sub(pair[0]));
    let Some(&[from, to]) = pause else { return 0 };
    packets
        .iter()
        .filter(|packet| !packet.sent && packet.at > from && packet.at < to)
        .count()
}

/// The timeout is 200 ms, every answer takes a second, and slots are free all the while. A neighbour that does not
/// exist, which takes the kernel 3 s to say, keeps the scan at work: every late answer must count.
fn late_answer_counts() -> Result<(), Failed> {
    let world = World::new()?;
    let _server = Server::start(&world.target, Manner::Banner, 7000..7050)?;
    for (target, missing) in TARGETS.into_iter().zip(["10.77.0.200", "fd00:77::200"]) {
        world.target.nft(FIRST_SYN_LOST)?;
        let outcome = Scan::new(&world.scanner, &target)
            .with(missing)
            .with("-p 7000-7399 --timeout 200ms --attempts 1")
            .run()?;
        world.target.unfilter()?;
        outcome.must_exit(0)?;
        let states = outcome.report()?.states()?;
        for port in 7000..7400 {
            let expected = if port < 7050 { "open" } else { "closed" };
            let state = states.get(&(target, port)).copied();
            outcome.must(
                state == Some(expected),
                format_args!("{target} port {port}: {expected} was the late answer, but {state:?}"),
            )?;
        }
    }
    Ok(())
}
