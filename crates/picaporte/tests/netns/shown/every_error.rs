//! Every ICMP and ICMPv6 error that says a destination can't be reached, from the host and from a hop before it, to a scan
//! without privileges. What is reported is held against what each error means, and is the table of docs/states.md.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use libtest_mimic::{Failed, Trial};
use picaporte_lab::{run, scenario};
use serde_json::Value;

use crate::outcome::must;
use crate::scanner::Scan;
use crate::world::Netns;

/// Type, code, what it means, and the reason that it has to give.
type Error = (u8, u8, &'static str, &'static str);

/// RFC 792; RFC 1122 section 3.2.2.1 (6 to 12); RFC 1812 section 5.2.7.1 (13 to 15). Linux tells no socket
/// of 3/4, which measures the path (RFC 1191), nor of 11/1 (`icmp_unreach` in net/ipv4/icmp.c).
const ICMP: [Error; 18] = [
    (3, 0, "net unreachable", "net-unreach"),
    (3, 1, "host unreachable", "host-unreach"),
    (3, 2, "protocol unreachable", "proto-unreach"),
    (3, 3, "port unreachable", "port-unreach"),
    (3, 4, "fragmentation needed", "no-response"),
    (3, 5, "source route failed", "net-unreach"),
    (3, 6, "destination network unknown", "net-unreach"),
    (3, 7, "destination host unknown", "host-unreach"),
    (3, 8, "source host isolated", "host-unreach"),
    (3, 9, "network prohibited", "net-prohibited"),
    (3, 10, "host prohibited", "host-prohibited"),
    (
        3,
        11,
        "network unreachable for the type of service",
        "net-unreach",
    ),
    (
        3,
        12,
        "host unreachable for the type of service",
        "host-unreach",
    ),
    (3, 13, "communication prohibited", "admin-prohibited"),
    (3, 14, "host precedence violation", "admin-prohibited"),
    (3, 15, "precedence cutoff in effect", "admin-prohibited"),
    (11, 0, "hop limit exceeded", "time-exceeded"),
    (11, 1, "reassembly time exceeded", "no-response"),
];

/// RFC 4443, sections 3.1 and 3.3.
const ICMPV6: [Error; 9] = [
    (1, 0, "no route", "net-unreach"),
    (1, 1, "prohibited", "admin-prohibited"),
    (1, 2, "beyond the scope of the source", "net-unreach"),
    (1, 3, "address unreachable", "host-unreach"),
    (1, 4, "port unreachable", "port-unreach"),
    (1, 5, "source address failed policy", "admin-prohibited"),
    (1, 6, "route rejected", "admin-prohibited"),
    (3, 0, "hop limit exceeded", "time-exceeded"),
    (3, 1, "reassembly time exceeded", "time-exceeded"),
];

/// The first port of the errors that the host sends, and of those that the hop sends.
const FIRST_PORTS: [u16; 2] = [1000, 2000];
const SENDERS: [&str; 2] = ["the host", "a hop before it"];
/// Which hop of three.
const HOP: u8 = 2;
const TARGETS: [&str; 2] = ["198.18.0.1", "2001:db8:18::1"];

/// The lines around the table in docs/states.md.
const BEGIN: &str = "<!-- The table: made by the test `states_every_icmp_error`. -->\n";
const END: &str = "<!-- The end of the table. -->\n";
/// Set, it makes the test write the table instead of comparing it.
const WRITE: &str = "PICAPORTE_WRITE_DOCS";

pub(super) fn trials() -> Vec<Trial> {
    vec![Trial::test(
        "states_every_icmp_error_is_told_with_its_sender_without_privileges",
        every_error,
    )]
}

fn every_error() -> Result<(), Failed> {
    let netns = Netns::new("scanner")?;
    let world = scenario::from_text(Path::new("errors.toml"), &world())?;
    let playing = netns
        .inside(|| run::play(&Arc::new(world), 1, None))?
        .map_err(|e| format!("{e:#}"))?;
    let [v4, v6] = TARGETS;
    let report = Scan::new(&netns, v4)
        .with(v6)
        .with("--show all -p 1000-1017,2000-2017")
        .unprivileged()
        .report(0)?;
    playing.stop().map_err(|e| format!("{e:#}"))?;
    let mut table = "| error | meaning | sent by | state | reason | sender reported |\n| --- | --- | --- | --- | --- | --- |\n".to_owned();
    let mut wrong = String::new();
    for (target, errors) in TARGETS.into_iter().zip([&ICMP[..], &ICMPV6]) {
        let target: IpAddr = target.parse()?;
        let senders = [target, hop(target)];
        for (index, error) in errors.iter().enumerate() {
            for (who, first) in FIRST_PORTS.into_iter().enumerate() {
                let line = report.port(target, first + u16::try_from(index)?)?;
                if !is_right(line, error, senders[who]) {
                    let _ = writeln!(wrong, "  {error:?} from {}: {line}", senders[who]);
                }
                table += &row(target, error, SENDERS[who], line, senders);
            }
        }
    }
    must(wrong.is_empty(), format_args!("told wrong:\n{wrong}"))?;
    must_be_documented(&table)
}

/// A host of each family behind three routers; each port is rejected with one error.
fn world() -> String {
    let mut text = "about = 'Every ICMP error.'\nsource = 'RFC 792, RFC 4443'\n[scan]\n".to_owned();
    let [v4, v6] = TARGETS;
    let _ = writeln!(
        text,
        "targets = ['{v4}', '{v6}']\nports = '1000-1017,2000-2017'\n[paths.way]\nhops = 3"
    );
    for (target, errors) in TARGETS.into_iter().zip([&ICMP[..], &ICMPV6]) {
        let _ = writeln!(
            text,
            "[[hosts]]\naddresses = ['{target}']\npath = 'way'\nports = ["
        );
        for (index, (kind, code, ..)) in errors.iter().enumerate() {
            for (first, at) in FIRST_PORTS
                .into_iter()
                .zip([String::new(), format!(", at = {HOP}")])
            {
                let port = usize::from(first) + index;
                let _ = writeln!(
                    text,
                    "{{ ports = '{port}', is = 'rejected', icmp = '{kind}/{code}'{at} }},"
                );
            }
        }
        text += "]\n";
    }
    text
}

/// The address of the hop that rejects.
fn hop(target: IpAddr) -> IpAddr {
    scenario::Path::router(0, HOP, target.is_ipv6())
}

/// Filtered for the right reason, and the error as it came from whom it came.
fn is_right(line: &Value, (kind, code, _, reason): &Error, sender: IpAddr) -> bool {
    let expected = if *reason == "no-response" {
        Value::Null
    } else {
        serde_json::json!({"type": kind, "code": code, "from": sender.to_string()})
    };
    line["state"] == "filtered" && line["reason"] == *reason && line["evidence"]["icmp"] == expected
}

fn row(
    target: IpAddr,
    (kind, code, meaning, _): &Error,
    by: &str,
    line: &Value,
    senders: [IpAddr; 2],
) -> String {
    let protocol = if target.is_ipv4() { "ICMP" } else { "ICMPv6" };
    let icmp = &line["evidence"]["icmp"];
    let known = |ip: &str| senders.iter().position(|s| s.to_string() == ip);
    let from = match icmp["from"].as_str().map(|ip| (ip, known(ip))) {
        Some((_, Some(who))) => SENDERS[who],
        Some((ip, None)) => ip,
        None => "none",
    };
    let word = |field: &str| line[field].as_str().unwrap_or("?");
    format!(
        "| {protocol} {kind}/{code} | {meaning} | {by} | {} | `{}` | {from} |\n",
        word("state"),
        word("reason")
    )
}

/// The table is that of docs/states.md, or becomes it.
fn must_be_documented(table: &str) -> Result<(), Failed> {
    let file = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/states.md");
    let text = std::fs::read_to_string(&file)?;
    let (before, rest) = text.split_once(BEGIN).ok_or("docs/states.md: no table")?;
    let (documented, after) = rest
        .split_once(END)
        .ok_or("docs/states.md: no end of the table")?;
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&file, format!("{before}{BEGIN}{table}{END}{after}"))?;
        return Ok(());
    }
    must(
        documented == table,
        format_args!(
            "docs/states.md has another table; `{WRITE}=1 cargo test -p picaporte --test netns states_every` writes this one:\n{table}"
        ),
    )
}
