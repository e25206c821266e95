//! Firewalls in reports: who rejected, what is done by default, which ports differ.

use picaporte_core::verdict::States;
use picaporte_core::{Close, Icmp, PortSet, Reason, Verdict};
use picaporte_engine::Finding;

use super::sample::{self, Sample};
use super::{Format, lines, plain};

/// A host whose ports, from 1 on, met these reasons, each so many times; rejections came from the device.
fn host(text: &str, device: &str, met: &[(Reason, u16)], first_rejected: u32) -> Vec<Finding> {
    let address = sample::address(text);
    let reasons = met
        .iter()
        .flat_map(|&(reason, n)| (0..n).map(move |_| reason));
    let verdicts: Vec<Verdict> = reasons
        .zip(1_u16..)
        .map(|(reason, port)| {
            let mut verdict = sample::verdict(address, port, reason, 100);
            verdict.evidence.icmp = (reason == Reason::AdminProhibited).then(|| Icmp {
                v6: false,
                kind: 3,
                code: 13,
                from: Some(sample::address(device)),
            });
            verdict
        })
        .collect();
    let mut report = sample::host_report(&verdicts);
    let rejected = report.rejected.len();
    report.first_rejected = first_rejected;
    report.rejects.truncate(1);
    report
        .rejects
        .iter_mut()
        .for_each(|(_, ports)| *ports = rejected);
    let open = verdicts.into_iter().filter(|v| v.reason == Reason::SynAck);
    let mut findings: Vec<_> = open.map(Finding::Port).collect();
    findings.push(Finding::Host(Box::new(report)));
    findings
}

fn sample(hosts: Vec<Vec<Finding>>) -> Sample {
    let mut sample = sample::interrupted(States::OPEN);
    sample.findings = hosts.into_iter().flatten().collect();
    sample
}

/// The lines of the table about the hosts, and those of the summary about firewalls.
fn told(sample: &Sample) -> String {
    let table = plain(sample, Format::Table);
    let about = |line: &&str| !line.starts_with("Picaporte") && !line.contains("probes on");
    let before = table.lines().filter(about);
    let before: Vec<_> = before
        .take_while(|line| !line.starts_with("sent"))
        .collect();
    before.join("\n")
}

/// Silent by default, rejecting by default with rationed ICMP, resetting with exceptions, and without a policy.
pub(super) fn four() -> Sample {
    use Reason::{AdminProhibited, ConnRefused, NoResponse, SynAck};
    sample(vec![
        host(
            "192.0.2.1",
            "192.0.2.254",
            &[(SynAck, 2), (AdminProhibited, 1), (NoResponse, 97)],
            0,
        ),
        host(
            "192.0.2.2",
            "192.0.2.254",
            &[(SynAck, 1), (AdminProhibited, 7), (NoResponse, 992)],
            6,
        ),
        host(
            "192.0.2.3",
            "192.0.2.3",
            &[(SynAck, 1), (ConnRefused, 80), (AdminProhibited, 19)],
            1,
        ),
        host(
            "192.0.2.4",
            "192.0.2.4",
            &[(SynAck, 50), (ConnRefused, 50)],
            0,
        ),
        host("192.0.2.5", "192.0.2.5", &[(ConnRefused, 100)], 0),
    ])
}

#[test]
fn table_tells_policies_and_what_differs() {
    let mut sample = four();
    // Fifty open ports are listed; the rest of that host is of no interest here.
    sample
        .findings
        .retain(|finding| !matches!(finding, Finding::Port(verdict) if verdict.port > 2));
    insta::assert_snapshot!(told(&sample));
}

#[test]
fn json_tells_policies_and_what_differs() {
    let objects = lines(&plain(&four(), Format::JsonLines));
    let hosts = objects
        .iter()
        .filter(|o| o["type"] == "host" && !o["ip"].is_null());
    let policies: Vec<_> = hosts
        .map(|host| {
            (
                host["policy"].clone(),
                host["differ"].clone(),
                host["rationed"].clone(),
            )
        })
        .collect();
    insta::assert_snapshot!(serde_json::to_string(&policies).unwrap_or_default());
    let end = &objects[objects.len() - 1];
    insta::assert_snapshot!(format!(
        "{} {} {}",
        end["policies"], end["rejects"], end["graded"]
    ));
}

#[test]
fn a_single_host_is_told_once() {
    let mut sample = four();
    sample.findings.truncate(3);
    let told = told(&sample);
    assert_eq!(told.matches("by default silent").count(), 1, "{told}");
    assert_eq!(told.matches("icmp 3/13").count(), 1, "{told}");
}

#[test]
fn many_ports_that_differ_are_counted() {
    let mut sample = four();
    let Some(Finding::Host(host)) = sample.findings.get_mut(2) else {
        panic!("the third finding is the host");
    };
    // Every second port is closed, which is no policy; then silence is taken for one all the same.
    host.closed = PortSet::from_ports((101..=1000).step_by(2));
    let told = told(&sample);
    let words: Vec<_> = told.split_whitespace().collect();
    assert!(
        words.join(" ").contains(", 119, 121 and 439 more"),
        "{told}"
    );
}

#[test]
fn a_reset_after_the_handshake_is_no_doubt() {
    let mut sample = four();
    sample.findings.truncate(3);
    let Some(Finding::Port(verdict)) = sample.findings.first_mut() else {
        panic!("the first finding is an open port");
    };
    verdict.evidence.close = Some(Close::Reset);
    let told = told(&sample);
    assert!(
        told.contains("syn-ack, reset after the handshake\n"),
        "{told}"
    );
}
