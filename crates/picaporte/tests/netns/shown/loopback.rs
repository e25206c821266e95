//! An empty machine has no open port. The kernel may pick the probed port as the source and let a socket connect
//! to itself, about once per sweep of the ephemeral range: never to be reported.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libtest_mimic::{Failed, Trial};

use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::world::Netns;

const V4: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);
const V6: IpAddr = IpAddr::V6(Ipv6Addr::LOCALHOST);

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test(
            "loopback_100_sweeps_of_an_empty_namespace_find_nothing_open",
            || sweeps(V4, 100),
        ),
        Trial::test("loopback_10_sweeps_over_ipv6_find_nothing_open", || {
            sweeps(V6, 10)
        }),
        Trial::test(
            "loopback_few_local_ports_probed_from_themselves_ipv4",
            || crowded(V4),
        ),
        Trial::test(
            "loopback_few_local_ports_probed_from_themselves_ipv6",
            || crowded(V6),
        ),
        Trial::test(
            "loopback_a_listener_in_the_ephemeral_range_is_found",
            listener_among_them,
        ),
    ]
}

fn sweeps(target: IpAddr, count: u32) -> Result<(), Failed> {
    let netns = Netns::new("empty")?;
    for sweep in 1..=count {
        let outcome = Scan::new(&netns, &target).with("-p -").run()?;
        outcome.must_exit(0)?;
        let totals = outcome.report()?.totals();
        outcome.must(
            totals == [0, 65_535, 0, 0],
            format_args!("sweep {sweep}: not 65,535 closed ports"),
        )?;
    }
    Ok(())
}

/// With eight local ports, and just these eight probed, every probe has a good chance to meet itself.
fn crowded(target: IpAddr) -> Result<(), Failed> {
    let netns = Netns::new("empty")?;
    netns.sysctl("ipv4/ip_local_port_range", "40000 40007")?;
    for run in 1..=30 {
        let outcome = Scan::new(&netns, &target).with("-p 40000-40007").run()?;
        outcome.must_exit(0)?;
        let totals = outcome.report()?.totals();
        outcome.must(
            totals == [0, 8, 0, 0],
            format_args!("run {run}: not 8 closed ports"),
        )?;
    }
    Ok(())
}

/// Care against self-connects hides no real listener.
fn listener_among_them() -> Result<(), Failed> {
    let netns = Netns::new("empty")?;
    netns.sysctl("ipv4/ip_local_port_range", "40000 40015")?;
    let _server = Server::start(&netns, Manner::Silent, [40_003])?;
    for run in 1..=10 {
        let outcome = Scan::new(&netns, &V4).with("-p 40000-40007").run()?;
        outcome.must_exit(0)?;
        let report = outcome.report()?;
        let opens = &report.hosts[0]["ports"]["open"];
        outcome.must(
            report.totals() == [1, 7, 0, 0] && opens == "40003",
            format_args!("run {run}: not just 40003 open"),
        )?;
    }
    Ok(())
}
