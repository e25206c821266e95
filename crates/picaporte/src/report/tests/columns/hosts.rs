//! Hosts: how many ports they have open, what they are called, who rejects.

use picaporte_core::scan::HostReport;
use picaporte_core::{Close, Grade, Reason, Suspicion};

use super::super::super::encode::Untrusted;
use super::*;

/// The first so many of the thousand ports are open, the others closed.
fn with_open(host: &str, open: u16) -> Vec<Verdict> {
    let reason = |port| {
        if port <= open {
            Reason::SynAck
        } else {
            Reason::ConnRefused
        }
    };
    let ports = 1..=1_000;
    let verdicts = ports.map(|port| verdict(address(host), port, reason(port), 100));
    verdicts.collect()
}

/// Hosts without names, with so many open ports each.
fn counted(hosts: &[(&str, u16)]) -> Sample {
    let verdicts = hosts.iter().map(|&(host, open)| with_open(host, open));
    let verdicts = verdicts.collect();
    let hosts: Vec<(&str, &[&str])> = hosts.iter().map(|&(host, _)| (host, &[][..])).collect();
    sample(&hosts, verdicts)
}

#[test]
fn no_open_port_and_one() {
    let sample = counted(&[("192.0.2.7", 0), ("192.0.2.8", 1)]);
    insta::assert_snapshot!("none_and_one", table(&sample, 80, Lang::En));
    insta::assert_snapshot!("none_and_one_in_spanish", table(&sample, 80, Lang::Es));
}

#[test]
fn a_thousand_open_ports_have_a_line_each() {
    let text = table(&counted(&[("192.0.2.7", 1_000)]), 80, Lang::En);
    let lines: Vec<_> = text.lines().collect();
    let (first, last) = (6, 1_005);
    assert_eq!(lines[first].find("open"), Some(9));
    for line in &lines[first..=last] {
        assert_eq!(line.find("  open   "), Some(7), "{line}");
        assert!(line.ends_with("  0.21 ms  syn-ack") && line.len() == lines[first].len());
    }
    let told = [&lines[..first + 3], &["[…]"], &lines[last - 2..]].concat();
    insta::assert_snapshot!("a_thousand", told.join("\n"));
}

/// Names in every sense of the word; each host has one open port.
fn named() -> Sample {
    let long = longest_name();
    let many: Vec<_> = (1..=9)
        .map(|n| format!("virtual-host-{n}.example.org"))
        .collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let hosts: [(&str, &[&str]); 8] = [
        ("192.0.2.1", &[long.as_str()]),
        ("192.0.2.2", &many),
        (
            "192.0.2.3",
            &[
                "日本語ドメイン名例.テスト",
                "сервер-аналитики.example",
                "🦀🦀🦀.example",
            ],
        ),
        (
            "192.0.2.4",
            &["e\u{301}e\u{301}e\u{301}.example", "👩\u{200d}💻.example"],
        ),
        (
            "192.0.2.5",
            &[
                "\u{202e}gro.elpmaxe\u{2066}",
                "zero\u{200b}width\u{ad}.example",
            ],
        ),
        (
            "192.0.2.6",
            &[
                "two words.example",
                "\u{1b}]0;title\u{7}\u{9b}2J\r\n.example",
            ],
        ),
        ("2001:db8:1234:5678:9abc:def0:1234:5678", &["six.example"]),
        ("fe80::1234:5678:9abc:def0%2", &["link.example"]),
    ];
    let verdicts = hosts.map(|(host, _)| with_open(host, 1));
    let mut sample = sample(&hosts, verdicts.into());
    sample.header.zones.insert(2, "enx0123456789ab".to_owned());
    for (ip, names) in [
        ("192.0.2.1", vec![longest_name().into_bytes()]),
        (
            "192.0.2.3",
            vec![
                "日本.example".into(),
                b"192.0.2.9), 192.0.2.8 (www".to_vec(),
            ],
        ),
        (
            "192.0.2.6",
            vec![b"\x1b[2J\xff\xfe".to_vec(), "\u{301}\u{301}".into()],
        ),
    ] {
        let names = names.iter().map(Untrusted::new);
        assert!(sample.header.reverse.learn(ip.parse().unwrap(), names));
    }
    sample
}

/// What stands before the counts.
fn hosts(text: &str) -> &str {
    let from = text.find("\n\n").unwrap() + 2;
    &text[from..text.find("\nplan").or_else(|| text.find("\nprev")).unwrap()]
}

#[test]
fn names_of_every_kind() {
    for (width, lang, name) in [
        (80, Lang::En, "names_at_80"),
        (40, Lang::Es, "names_at_40_in_spanish"),
        (200, Lang::En, "names_at_200"),
    ] {
        insta::assert_snapshot!(name, hosts(&table(&named(), width, lang)));
    }
}

/// A host behind routers with long addresses that rejects most, in all the ways there are, and one port for each thing that can
/// be said of it.
fn rejecting() -> Sample {
    use Reason::{AdminProhibited, ConnRefused, LocalLimit, NoResponse};
    let host = "2001:db8:1234:5678:9abc:def0:1234:5678";
    let router = "2001:db8:ffff:eeee:dddd:cccc:bbbb:aaaa";
    let mut verdicts = with_open(host, 7);
    for verdict in &mut verdicts[7..] {
        verdict.reason = AdminProhibited;
        verdict.evidence.icmp = Some(sample::icmp(true, 1, 1, router));
    }
    verdicts[0].evidence.close = Some(Close::Reset);
    for (i, grade) in [
        (1, Some(Grade::HandshakeOnly)),
        (2, Some(Grade::Suspect(Suspicion::NoOptionsNoWindow))),
        (3, Some(Grade::Suspect(Suspicion::Nearer))),
        (4, None),
    ] {
        verdicts[i].evidence.grade = grade;
    }
    verdicts[5].rtt = Some(picaporte_core::Duration::from_micros(4));
    verdicts[6].rtt = Some(picaporte_core::Duration::from_millis(12_345));
    for port in [9, 443, 999] {
        verdicts[port].reason = NoResponse;
        verdicts[port].evidence.icmp = None;
        verdicts[port].attempts = 12;
        verdicts[port].evidence.retransmits = 33;
    }
    verdicts[79].reason = ConnRefused;
    verdicts[79].evidence.ambiguous = true;
    verdicts[500].reason = LocalLimit;
    let mut report = sample::host_report(&verdicts);
    report.rejects = [router, "fe80::1234:5678:9abc:def0%2", host]
        .map(|from| (sample::icmp(true, 1, 1, from), 327))
        .to_vec();
    report.first_rejected = 900;
    report.slowed = Some(picaporte_core::scan::Slowed {
        times: 12,
        per_second: 1_200_000,
    });
    let few = verdicts
        .iter()
        .filter(|v| v.port < 12 || [80, 444, 501].contains(&v.port));
    let findings = few.map(|v| Finding::Port(*v)).collect();
    let mut sample = sample(&[(host, &[])], vec![verdicts]);
    sample.findings = findings;
    sample.findings.push(Finding::Host(Box::new(report)));
    sample.header.zones.insert(2, "enx0123456789ab".to_owned());
    sample
}

#[test]
fn reasons_of_every_kind() {
    for (width, lang, name) in [
        (80, Lang::En, "reasons_at_80"),
        (80, Lang::Es, "reasons_at_80_in_spanish"),
        (40, Lang::En, "reasons_at_40"),
        (200, Lang::En, "reasons_at_200"),
    ] {
        insta::assert_snapshot!(name, table(&rejecting(), width, lang));
    }
}

#[test]
fn hosts_that_answer_everything() {
    let mut sample = counted(&[
        ("192.0.2.7", 1_000),
        ("2001:db8::7", 1_000),
        ("192.0.2.9", 990),
    ]);
    for finding in &mut sample.findings {
        if let Finding::Host(host) = finding {
            let HostReport {
                answers_everything, ..
            } = &mut **host;
            *answers_everything = true;
        }
    }
    let text = table(&sample, 80, Lang::En);
    insta::assert_snapshot!("everything", hosts(&text));
}
