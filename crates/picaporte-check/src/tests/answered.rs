//! What scans say to policies, by example.

use super::*;

/// A host: its address or name, its names, and what is said of its ports, as in a scan.
type Told<'a> = (&'a str, &'a [&'a str], [&'a str; 5]);

fn scan(hosts: &[Told<'_>]) -> Snapshot {
    let mut builder = Builder::new(Format::JsonLines, "picaporte", &Limits::default());
    for (id, names, ports) in hosts {
        let id = HostId::parse(id).unwrap_or_else(|| HostId::Name((*id).into()));
        builder.mention(&id).unwrap();
        for name in *names {
            builder.name(&id, name).unwrap();
        }
        for (said, ports) in Said::ALL.into_iter().zip(ports) {
            if !ports.is_empty() {
                let ports = picaporte_core::PortSet::parse(ports, &|_| None).unwrap();
                builder.say_all(&id, said, &ports).unwrap();
            }
        }
    }
    builder.finish().unwrap()
}

/// Every rule's answer, and what is found.
fn told(policy: &str, scan: &Snapshot, today: Date) -> String {
    let policy = read(policy).unwrap();
    let answers = check(&policy, scan, today);
    let mut told = String::new();
    for rule in &answers.rules {
        let name = match rule.which {
            Which::Rule(at) => &policy.rules[at].name,
            Which::Otherwise => "otherwise",
        };
        let [holds, unknown, violated] = Answer::ALL.map(|answer| rule.ports.of(answer));
        let excepted = rule.ports.excepted;
        writeln!(
            told,
            "{name}: {} ({} hosts, {holds}+{unknown}+{violated}+{excepted} ports)",
            rule.answer.name(),
            rule.hosts
        )
        .unwrap();
        for f in &rule.findings {
            let hosts: Vec<_> = f.hosts.iter().map(ToString::to_string).collect();
            writeln!(
                told,
                "  {}: {} {} is {} on {}",
                f.answer.name(),
                f.demand.name(),
                f.ports,
                f.said.name(),
                hosts.join(" ")
            )
            .unwrap();
        }
        for gap in &rule.gaps {
            writeln!(told, "  {gap:?}").unwrap();
        }
    }
    for e in &answers.exceptions {
        let expired = if e.expired { "expired" } else { "counts" };
        writeln!(
            told,
            "{}: {expired}, {}+{} ports",
            policy.exceptions[e.exception].name, e.violated, e.cannot_tell
        )
        .unwrap();
    }
    for c in &answers.contradictions {
        writeln!(
            told,
            "{} against {}: {} on {}",
            c.lets, c.forbids, c.ports, c.host
        )
        .unwrap();
    }
    told
}

fn policy(rules: &[(&str, &str)]) -> String {
    let rule = |(name, lines): &(&str, &str)| {
        format!("[[rule]]\nname = '{name}'\nreason = 'r'\n{lines}\n")
    };
    format!(
        "otherwise = 'must_not'\n{}",
        rules.iter().map(rule).collect::<String>()
    )
}

#[test]
fn every_state_has_its_answer() {
    let scan = scan(&[(
        "192.0.2.7",
        &[],
        [
            "1,11,21,31",
            "2,12,22,32",
            "3,13,23,33",
            "4,14,24,34",
            "5,15,25,35",
        ],
    )]);
    let policy = policy(&[(
        "a",
        "hosts = ['192.0.2.7']\nmust = '1-6'\nmay = '11-16'\nmust_not = '21-26'",
    )]);
    insta::assert_snapshot!(told(&policy, &scan, TODAY));
}

#[test]
fn a_filtered_port_is_what_the_policy_says() {
    let scan = scan(&[("192.0.2.7", &[], ["", "", "22,80", "", ""])]);
    let policy = policy(&[("a", "hosts = ['192.0.2.7']\nmust_not = '22'")]);
    let strict = format!("must_not_filtered = 'cannot_tell'\n{policy}");
    insta::assert_snapshot!(format!(
        "{}\n{}",
        told(&policy, &scan, TODAY),
        told(&strict, &scan, TODAY)
    ));
}

#[test]
fn what_was_not_scanned_can_not_be_told() {
    let scan = scan(&[
        ("192.0.2.1", &[], ["22", "", "", "", ""]),
        ("192.0.2.3", &["www.example.org"], ["", "22", "", "", ""]),
        ("gone.example.org", &[], ["", "", "", "22", ""]),
    ]);
    let policy = policy(&[
        (
            "networks",
            "hosts = ['192.0.2.0/29']\nwithout = ['192.0.2.6']\nmust_not = '22'",
        ),
        (
            "names",
            "hosts = ['WWW.example.org', 'gone.example.org', 'mail.example.org']\nmust = '25'",
        ),
        ("harmless", "hosts = ['198.51.100.0/24']\nmay = '25'"),
    ]);
    insta::assert_snapshot!(told(&policy, &scan, TODAY));
}

#[test]
fn the_rest_is_what_no_rule_lets_be_open() {
    let scan = scan(&[(
        "192.0.2.7",
        &[],
        [
            "22,80,443,9000",
            "1-21,23-79,81-442,444-8999,9001-65535",
            "",
            "",
            "",
        ],
    )]);
    let policy = policy(&[
        (
            "web",
            "hosts = ['192.0.2.7']\nmust = '443'\nmust_not = 'rest'",
        ),
        ("ssh", "hosts = ['192.0.2.0/28']\nmay = '22'"),
    ]);
    insta::assert_snapshot!(told(&policy, &scan, TODAY));
}

#[test]
fn an_exception_counts_until_its_day_is_over() {
    let scan = scan(&[
        ("192.0.2.7", &[], ["23", "80", "", "", ""]),
        ("192.0.2.8", &[], ["23", "", "80", "", ""]),
    ]);
    let exception = |name: &str, lines: &str| {
        format!(
            "[[exception]]\nname = '{name}'\nreason = 'r'\nby = 'J'\nuntil = 2026-11-28\n{lines}\n"
        )
    };
    let policy = policy(&[
        (
            "telnet",
            "hosts = ['192.0.2.7', '192.0.2.8']\nmust_not = '23'",
        ),
        ("web", "hosts = ['192.0.2.7', '192.0.2.8']\nmust = '80'"),
    ]) + &exception(
        "switch",
        "hosts = ['192.0.2.7']\nports = '23'\nrule = 'telnet'",
    ) + &exception("both", "hosts = ['192.0.2.7-8']\nports = '80'")
        + &exception(
            "not needed",
            "hosts = ['192.0.2.8']\nports = '23'\nrule = 'otherwise'",
        );
    let days = [date(2026, 11, 28), date(2026, 11, 29)];
    insta::assert_snapshot!(days.map(|day| told(&policy, &scan, day)).join("\n"));
}

/// It was said to be needed no more, and taken out.
#[test]
fn whether_an_exception_is_needed_can_not_be_told_of_hosts_that_were_not_scanned() {
    let scan = scan(&[("192.0.2.7", &["a.test"], ["", "23", "", "", ""])]);
    let missing = |hosts: &str| {
        let rule = policy(&[("telnet", "hosts = ['192.0.2.7']\nmust_not = '23'")]);
        let policy = format!(
            "{rule}[[exception]]\nname = 'e'\nreason = 'r'\nby = 'J'\nuntil = 2026-11-28\nhosts = {hosts}\nports = '23'\n"
        );
        let policy = read(&policy).unwrap();
        check(&policy, &scan, TODAY).exceptions[0].hosts_missing
    };
    assert!(!missing("['192.0.2.7']"));
    assert!(missing("['192.0.2.8']"));
    assert!(missing("['192.0.2.7-8']"));
    assert!(!missing("['a.test']"));
    assert!(missing("['a.test', 'b.test']"));
}

#[test]
fn rules_that_contradict_each_other_only_in_a_scan_are_told() {
    let scan = scan(&[("192.0.2.7", &["a.test"], ["22", "", "", "", ""])]);
    let policy = policy(&[
        ("named", "hosts = ['a.test']\nmust = '22'"),
        ("addressed", "hosts = ['192.0.2.7']\nmust_not = '20-30'"),
    ]);
    insta::assert_snapshot!(told(&policy, &scan, TODAY));
}

#[test]
fn a_zone_counts_only_where_one_is_written() {
    let scan = scan(&[
        ("fe80::1%eth0", &[], ["22", "", "", "", ""]),
        ("fe80::1%eth1", &[], ["22", "", "", "", ""]),
    ]);
    let policy = policy(&[
        ("here", "hosts = ['fe80::1%eth0']\nmust = '22'"),
        ("anywhere", "hosts = ['fe80::1']\nmust = '22'"),
        ("nowhere", "hosts = ['fe80::1%eth2']\nmust = '22'"),
    ]);
    insta::assert_snapshot!(told(&policy, &scan, TODAY));
}

#[test]
fn a_scan_that_leaves_hosts_out_does_not_tell_of_everything() {
    let line = r#"{"type":"host","ip":"192.0.2.7","ports":{"open":"","closed":"22","filtered":"","untested":""}}"#;
    let cut = picaporte_diff::read(
        line.as_bytes(),
        picaporte_diff::Wanted::default(),
        &Limits::default(),
    )
    .unwrap();
    insta::assert_snapshot!(told("otherwise = 'must_not'\n", &cut, TODAY));
    let may = read("otherwise = 'may'\n").unwrap();
    assert_eq!(check(&may, &cut, TODAY).answer(), Answer::Holds);
}
