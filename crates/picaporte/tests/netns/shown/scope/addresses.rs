//! Whatever form an address comes in: by a name, IPv4 written as IPv6, a neighbour, a link, from a library.

use std::net::IpAddr;
use std::sync::Arc;

use libtest_mimic::Failed;
use picaporte::core::locate::{Answer, Locate, Settings as LocateSettings, Sought};
use picaporte::core::target::{AddressRange, What};
use picaporte::{Address, Finding, Network, Plan, PortSet, Reason, Scope, Target};

use super::{asked, file, flag, must_stay_inside};
use crate::names;
use crate::outcome::must;
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner, Server};
use crate::wire::{Capture, Packet};
use crate::world::{TARGET_LINK_LOCAL, TARGET_V4, World};

/// A name resolves inside and outside; a name is allowed that resolves to what is excluded, and to this machine itself.
pub(super) fn pinned_names() -> Result<(), Failed> {
    names::of_tests()?;
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let inside = |ip: IpAddr| ip == IpAddr::from(TARGET_V4);
    for scope in [
        "[allowed]\nnetworks = ['10.77.0.2']\n",
        "[allowed]\nnames = ['inside.test']\n",
        "[allowed]\nnames = ['both.test']\n[excluded]\nnetworks = ['10.80.0.0/24']\n",
        "[allowed]\nnames = ['both.test', 'inside.test']\n[excluded]\nnetworks = ['::ffff:10.80.0.7']\n",
        "[allowed]\nnetworks = ['10.0.0.0/8']\n[excluded]\nnames = ['rebound.test']\n",
    ] {
        let scope_file = file(scope)?;
        let capture = Capture::start(&world.scanner)?;
        let scan = Scan::new(&world.scanner, "both.test").with("-p 1-3");
        let report = scan.with(&flag(&scope_file)).report(3)?;
        let packets = capture.finish()?;
        must_stay_inside(&packets, |ip, _| inside(ip)).map_err(|e| format!("{scope}: {e:?}"))?;
        must(asked(&packets) == 3, format_args!("{scope}: not 3 SYNs"))?;
        must(
            report.totals() == [0, 3, 0, 3],
            format_args!("{scope}: {}", report.end),
        )?;
    }
    // This machine's loopback: no packet would be seen, so a listener tells.
    let _server = Server::start(&world.scanner, Manner::Silent, [7])?;
    let scope = file("[allowed]\nnames = ['rebound.test']\n")?;
    let report = Scan::new(&world.scanner, "rebound.test")
        .with("-p 7")
        .with(&flag(&scope))
        .report(3)?;
    must(report.totals() == [0, 1, 0, 1], &report.end)
}

/// `::ffff:a.b.c.d` is `a.b.c.d`, in the scope and as a target.
pub(super) fn mapped() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let scope = file(
        "[allowed]\nnetworks = ['::ffff:10.80.0.0/120']\n[excluded]\nnetworks = ['10.80.0.1']\n",
    )?;
    let capture = Capture::start(&world.scanner)?;
    let scan = Scan::new(&world.scanner, "::ffff:10.80.0.1")
        .with("::ffff:10.80.0.2 10.80.0.3 ::ffff:10.77.0.2 -p 5");
    let report = scan.with(&flag(&scope)).report(3)?;
    let packets = capture.finish()?;
    let inside = |ip: IpAddr| ["10.80.0.2", "10.80.0.3"].contains(&&*ip.to_string());
    must_stay_inside(&packets, |ip, _| inside(ip))?;
    must(report.totals() == [0, 2, 0, 2], &report.end)
}

/// A neighbour that is outside is not even asked for its link address.
pub(super) fn neighbours() -> Result<(), Failed> {
    let world = World::new()?;
    let scope = file("[allowed]\nnetworks = ['10.77.0.2', 'fd00:77::2']\n")?;
    let scan = Scan::new(&world.scanner, "10.77.0.2-9").with("fd00:77::2-fd00:77::9 -p 1-3");
    let report = scan.with(&flag(&scope)).report(3)?;
    must(report.totals() == [0, 6, 0, 42], &report.end)?;
    let known = world.scanner.ip("neigh show")?;
    let asked = |ip: &str| {
        known
            .lines()
            .any(|line| line.split_whitespace().next() == Some(ip))
    };
    must(asked("10.77.0.2") && asked("fd00:77::2"), &known)?;
    for last in 3..=9 {
        let strange = asked(&format!("10.77.0.{last}")) || asked(&format!("fd00:77::{last}"));
        must(
            !strange,
            format_args!("a neighbour outside was asked for: {known}"),
        )?;
    }
    Ok(())
}

/// What is allowed on one link is not allowed on another.
pub(super) fn zones() -> Result<(), Failed> {
    let world = World::new()?;
    let target = format!("{TARGET_LINK_LOCAL}%veth0");
    let run = |allowed: &str| -> Result<(Report, Vec<Packet>), Failed> {
        let scope = file(&format!("[allowed]\nnetworks = ['{allowed}']\n"))?;
        let capture = Capture::start(&world.scanner)?;
        let scan = Scan::new(&world.scanner, &target)
            .with("-p 1-3")
            .with(&flag(&scope));
        let code = if allowed.ends_with("%lo") { 3 } else { 0 };
        Ok((scan.report(code)?, capture.finish()?))
    };
    let (report, packets) = run(&format!("{TARGET_LINK_LOCAL}%lo"))?;
    must_stay_inside(&packets, |_, _| false)?;
    must(report.totals() == [0, 0, 0, 3], &report.end)?;
    let (report, _) = run(&target)?;
    must(report.totals() == [0, 3, 0, 0], &report.end)
}

/// A library that hands in addresses in forms that no command line lets through.
pub(super) fn library() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let network = |text: &str, length| AddressRange::prefix(text.parse().unwrap(), length).unwrap();
    let scope = Scope::new(
        [network("10.80.0.0", 25), network("fd00:77::2", 128)],
        [network("10.80.0.0", 26)],
    );
    let raw = |text: &str| Address {
        ip: text.parse().unwrap(),
        scope: 0,
    };
    let targets = [
        "10.80.0.1",
        "10.80.0.65",
        "::ffff:10.80.0.2",
        "::ffff:10.80.0.66",
        "fd00:77::2",
        "fd00:77::1",
        "10.77.0.2",
    ];
    let inside = ["10.80.0.65", "10.80.0.66", "fd00:77::2"].map(|ip| ip.parse::<IpAddr>().unwrap());
    let capture = Capture::start(&world.scanner)?;
    let held = Network {
        scope: Some(Arc::new(scope)),
        ..Network::default()
    };
    let account = world.scanner.inside(|| -> Result<_, String> {
        let mut plan = Plan::builder(PortSet::from_ranges(vec![(1, 9)]));
        for text in targets {
            let what = What::One(raw(text));
            plan.target(&Target { what, ports: None })
                .map_err(|e| e.to_string())?;
        }
        let plan = plan.build().map_err(|e| e.to_string())?;
        let findings = picaporte::scan_from(plan, &held).map_err(|e| e.to_string())?;
        let end = findings.filter_map(|finding| match finding {
            Finding::End(account) => Some(account),
            _ => None,
        });
        end.last().ok_or_else(|| "no account".to_owned())
    })??;
    let ports = targets.map(|text| (raw(text), 9));
    let located = world.scanner.inside(|| {
        let locate = Locate::new(&Sought::by_host(&ports, &[]), &LocateSettings::default());
        picaporte::locate(locate, &held).map(Iterator::collect::<Vec<_>>)
    })??;
    must_stay_inside(&capture.finish()?, |ip, _| inside.contains(&ip))?;
    let counts = &account.tally.counts;
    must(
        account.tally.balances() && !account.tally.complete(),
        "the account",
    )?;
    must(
        counts.of(Reason::OutOfScope) == 4 * 9 && counts.of(Reason::ConnRefused) == 3 * 9,
        format_args!("{counts:?}"),
    )?;
    let refused = located
        .iter()
        .filter(|l| l.answer == Answer::Untested(Reason::OutOfScope));
    must(refused.count() == 4, format_args!("{located:?}"))
}
