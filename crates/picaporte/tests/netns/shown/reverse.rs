//! Reverse names: hosts that answered are asked about, each once, and others never; whatever a name server does, the scan and its
//! lines are the same; what it says acts in no format.

use std::fs;
use std::net::IpAddr;

use libtest_mimic::{Failed, Trial};
use nix::sys::signal::Signal;
use serde_json::{Value, json};

use crate::dns::{Dns, Manner};
use crate::names;
use crate::outcome::must;
use crate::report::Report;
use crate::scanner::Scan;
use crate::server::{Manner as Serving, Server};
use crate::world::{TARGET_V6, World};

/// One name, and one that would act wherever bytes are taken for text.
const HOSTILE: &[&[&[u8]]] = &[
    &[b"host", b"example", b"net"],
    &[b"=cmd|\x1b[2J\xff", b"<script>", "\u{202e}`|;=1".as_bytes()],
];
/// How they are shown, in the order of their bytes.
const SHOWN: [&str; 2] = [
    r"=cmd|\u{1b}[2J\xff.<script>.\u{202e}`|;=1",
    "host.example.net",
];

pub(super) fn trials() -> Vec<Trial> {
    let whatever = |name: &str, manner: Option<Manner>, counts: [u64; 4]| {
        Trial::test(format!("reverse_changes_no_verdict_{name}"), move || {
            changes_nothing(manner, counts)
        })
    };
    vec![
        whatever("with_names", Some(Manner::Names(HOSTILE)), [4, 0, 0, 0]),
        whatever("without_names", Some(Manner::NoName), [0, 4, 0, 0]),
        whatever("server_cannot_tell", Some(Manner::CannotTell), [0, 0, 4, 0]),
        whatever("server_is_silent", Some(Manner::Silent), [0, 0, 0, 4]),
        whatever("without_a_server", None, [0, 0, 0, 4]),
        Trial::test("reverse_asks_once_and_only_who_answered", asks_once),
        Trial::test("reverse_asks_nothing_unless_asked_to", asks_nothing),
        Trial::test("reverse_acts_in_no_format", acts_in_no_format),
        Trial::test("reverse_of_ipv6_and_of_the_hosts_file", other_ways),
        Trial::test("reverse_waits_for_nothing_after_an_interrupt", interrupted),
        Trial::test(
            "reverse_with_few_descriptors_changes_no_verdict",
            few_descriptors,
        ),
        Trial::test("reverse_is_gone_on_with", resumed),
    ]
}

/// A target that is 10.80.0.0/24 too, and listens on two ports.
fn world() -> Result<(World, Server), Failed> {
    names::of_tests()?;
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let server = Server::start(&world.target, Serving::Banner, [1001, 1002])?;
    Ok((world, server))
}

fn scan(world: &World, hosts: &str) -> Scan {
    Scan::new(&world.scanner, hosts).with("-p 1001-1010 --show all --reverse-dns")
}

/// State and reason of every port, in the order of address and port.
fn verdicts(report: &Report) -> Vec<(String, u64, String)> {
    let one = |line: &Value| {
        let ip = line["ip"].as_str().unwrap_or_default().to_owned();
        let port = line["port"].as_u64().unwrap_or_default();
        (ip, port, format!("{} {}", line["state"], line["reason"]))
    };
    let mut all: Vec<_> = report.ports.iter().map(one).collect();
    all.sort_unstable();
    all
}

/// Named, unnamed, failed, unanswered: of four hosts.
fn changes_nothing(manner: Option<Manner>, counts: [u64; 4]) -> Result<(), Failed> {
    let (world, _server) = world()?;
    let dns = manner.map(|manner| Dns::start(&world.scanner, manner));
    let _dns = dns.transpose()?;
    let outcome = scan(&world, "10.80.0.20-23").run()?;
    outcome.must_exit(0)?;
    let report = outcome.report()?;
    outcome.must(report.totals() == [8, 32, 0, 0], "other verdicts")?;
    let plainly = Scan::new(&world.scanner, "10.80.0.20-23").with("-p 1001-1010 --show all");
    let same = verdicts(&report) == verdicts(&plainly.report(0)?);
    outcome.must(same, "not the lines of a scan that asks nobody")?;
    let asked = &report.end["reverse_dns"];
    let seen = ["named", "unnamed", "failed", "unanswered"].map(|key| asked[key].as_u64());
    outcome.must(seen == counts.map(Some) && asked["asked"] == 4, asked)?;
    let silent = counts[0] + counts[1] == 0;
    let told = outcome
        .stderr
        .contains("--reverse-dns: no name server told anything of 4 addresses");
    outcome.must(told == silent, "whether it is said that nobody answered")?;
    let known = if counts[0] > 0 {
        json!(SHOWN[0])
    } else {
        Value::Null
    };
    let lines = report.ports.iter().chain(&report.hosts);
    outcome.must(
        lines.clone().all(|line| line["reverse"] == known),
        "`reverse`",
    )
}

fn asks_once() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let dns = Dns::start(&world.scanner, Manner::Names(HOSTILE))?;
    // Two that answer, one that only rejects, one that is silent, one that is not there.
    world.target.filter_input(
        "ip daddr 10.80.0.32 meta l4proto tcp reject with icmp type admin-prohibited; ip daddr 10.80.0.33 drop;",
    )?;
    let scan = scan(&world, "10.80.0.30-33").with("10.77.0.77");
    let report = scan.report(0)?;
    let mut asked = dns.asked();
    asked.sort_unstable();
    let expected = [30, 31, 32].map(|n| format!("{n}.0.80.10.in-addr.arpa"));
    must(asked == expected, format_args!("asked: {asked:?}"))?;
    must(report.end["reverse_dns"]["asked"] == 3, &report.end)?;
    let host = |last: &str| {
        let those = report.hosts.iter();
        let mut those = those.filter(|host| host["ip"] == format!("10.80.0.{last}"));
        those.next().map(|host| host["reverse"].clone())
    };
    must(host("32") == Some(json!(SHOWN[0])), "a host that rejects")?;
    must(host("33") == Some(Value::Null), "a silent host")
}

fn asks_nothing() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let dns = Dns::start(&world.scanner, Manner::Names(HOSTILE))?;
    let report = Scan::new(&world.scanner, "10.80.0.20")
        .with("-p 1001-1010")
        .report(0)?;
    must(report.end["reverse_dns"].is_null(), &report.end)?;
    let dry = scan(&world, "10.80.0.20").with("--dry-run").run()?;
    dry.must_exit(0)?;
    dry.must(
        dry.stdout.contains("what addresses that answer are called"),
        "not said",
    )?;
    let nowhere = Scan::in_format(&world.scanner, "10.80.0.20", "hostport").with("--reverse-dns");
    nowhere.run()?.must_exit(2)?;
    must(dns.asked().is_empty(), format_args!("{:?}", dns.asked()))
}

fn acts_in_no_format() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let _dns = Dns::start(&world.scanner, Manner::Names(HOSTILE))?;
    let directory = tempfile::tempdir()?;
    let names = [
        "a.jsonl", "a.json", "a.csv", "a.xml", "a.gnmap", "a.html", "a.md",
    ];
    let files = names.map(|name| directory.path().join(name));
    let outputs = files
        .each_ref()
        .map(|file| format!("-o {}", file.display()));
    let outcome = Scan::in_format(&world.scanner, "10.80.0.20", "table")
        .with("-p 1001-1010 --reverse-dns")
        .with(&outputs.join(" "))
        .run()?;
    outcome.must_exit(0)?;
    let mut texts = vec![outcome.stdout.clone()];
    for file in &files {
        texts.push(fs::read_to_string(file)?);
    }
    for text in &texts {
        let acts = |c: char| c.is_control() && !matches!(c, '\n' | '\t') || c == '\u{202e}';
        must(!text.contains(acts), text)?;
        must(
            text.contains("host.example.net") || text.contains(r"\u{1b}[2J"),
            text,
        )?;
    }
    must(!texts[6].contains("<script>"), "a tag in the page")?;
    must(texts[3].contains(r"'=cmd|"), "a formula in CSV")?;
    must(texts[4].contains("type=\"PTR\""), "no PTR in XML")
}

fn other_ways() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let dns = Dns::start(&world.scanner, Manner::Names(HOSTILE))?;
    let target = TARGET_V6.to_string();
    let report = scan(&world, &target).with("10.77.0.2").report(0)?;
    let of = |ip: IpAddr| report.port(ip, 1001).map(|line| line["reverse"].clone());
    must(of(TARGET_V6.into())? == json!(SHOWN[0]), "IPv6")?;
    must(
        of([10, 77, 0, 2].into())? == json!("both.test"),
        "the hosts file",
    )?;
    let asked = dns.asked();
    let v6 = "2.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.7.7.0.0.0.0.d.f.ip6.arpa";
    must(asked == [v6], format_args!("{asked:?}"))
}

/// A host with open ports, which wait for a server that never answers, and a silent one, so that the scan goes on.
fn interrupted() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let dns = Dns::start(&world.scanner, Manner::Silent)?;
    world.target.filter_input("tcp dport 2000-60000 drop;")?;
    let running = Scan::new(&world.scanner, "10.80.0.20:1001-1002")
        .with("10.80.0.21:2000-60000 --rate 500 --reverse-dns")
        .start()?;
    // Hosts take turns. The question shows that a port was found.
    dns.must_be_asked()?;
    running.signal(Signal::SIGINT)?;
    let outcome = running.wait()?;
    outcome.must_exit(130)?;
    let report = outcome.report()?;
    outcome.must(!report.ports.is_empty(), "what was found is not told")?;
    outcome.must(report.hosts.len() == 2, "a host is not told")?;
    outcome.must(report.end["reverse_dns"]["unanswered"] == 1, "the question")
}

/// Questions take descriptors too; a port that had none is asked again.
fn few_descriptors() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let _dns = Dns::start(&world.scanner, Manner::Silent)?;
    let report = scan(&world, "10.80.0.20-83")
        .with_descriptors(40)
        .report(0)?;
    must(report.totals() == [128, 512, 0, 0], &report.end)
}

/// Names are not kept: who goes on asks again, as it was asked for then.
fn resumed() -> Result<(), Failed> {
    let (world, _server) = world()?;
    let dns = Dns::start(&world.scanner, Manner::Names(HOSTILE))?;
    let directory = tempfile::tempdir()?;
    let store = directory.path().join("scans.db");
    let running = Scan::new(&world.scanner, "10.80.0.20")
        .kept_in(&store)
        .with("-p 1001-9000 --rate 2000 --show all --reverse-dns")
        .start()?;
    dns.must_be_asked()?;
    running.signal(Signal::SIGINT)?;
    let before = running.wait()?;
    before.must_exit(130)?;
    let named = |line: &Value| !line["reverse"].is_null();
    let known = before.report()?.ports.iter().any(named);
    let outcome = Scan::resume(&world.scanner, &store, "").run()?;
    outcome.must_exit(0)?;
    let report = outcome.report()?;
    outcome.must(report.totals() == [2, 7998, 0, 0], "the whole scan")?;
    outcome.must(report.end["reverse_dns"]["named"] == 1, "named")?;
    let host = &report.hosts[0];
    outcome.must(host["reverse"] == SHOWN[0], host)?;
    // What was told before it was stopped is kept, and asked by nobody any more.
    let times = if known { 1 } else { 2 };
    must(
        dns.asked().len() == times,
        format_args!("known before: {known}; {:?}", dns.asked()),
    )
}
