//! Whatever a scan finds, and whatever its hosts are called: lines end where the terminal does, and columns are columns.

use std::sync::Arc;

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use super::super::super::encode::Untrusted;
use super::*;
use crate::services;

mod found;

use found::{End, Host, any_end, any_host, any_located, any_name};

/// A scan of all this, of which all ports are listed.
fn scan(hosts: &[Host], unresolved: &[String], end: &End, zones: &[String]) -> Sample {
    let mut plan = Plan::builder(PortSet::from_ports([1]));
    for host in hosts {
        for name in &host.names {
            plan.name(name, &[host.address], None).unwrap();
        }
    }
    for name in unresolved {
        plan.name(name, &[], None).unwrap();
    }
    plan.target(&Target::parse("192.0.2.7", &picaporte_core::target::NoLookup).unwrap())
        .unwrap();
    let mut sample = sample::interrupted(States::ALL);
    sample.header = sample::header(plan.build().unwrap());
    sample.header.zones = (1..).zip(zones.iter().cloned()).collect();
    sample.findings.clear();
    for host in hosts {
        let names = host.reverse.iter().map(Untrusted::new);
        sample.header.reverse.learn(host.address.ip, names);
        for verdict in &host.verdicts {
            if let (State::Open, Some(service)) = (verdict.state(), host.service.clone()) {
                let list = &sample.header.identified;
                list.learn(verdict.address, verdict.port, Arc::new(service));
            }
            sample.findings.push(Finding::Port(*verdict));
        }
        let mut report = sample::host_report(&host.verdicts);
        report.answers_everything = host.answers_everything;
        sample.findings.push(Finding::Host(Box::new(report)));
    }
    end.put(&mut sample);
    sample
}

impl Host {
    /// What stands for the service of a port.
    fn service_of(&self, verdict: &Verdict) -> String {
        let usual = services::name(verdict.port).unwrap_or("-");
        match &self.service {
            Some(service) if verdict.state() == State::Open => {
                let tls = if service.inside_tls { "tls/" } else { "" };
                format!("{tls}{}", service.name.as_ref().unwrap())
            }
            _ => usual.to_owned(),
        }
    }
}

/// The rows of ports beneath their heads: each cell where its head is.
fn must_be_aligned(text: &str, host: &Host, lang: Lang) {
    let [port, state, service, rtt, reason] = match lang {
        Lang::En => ["PORT", "STATE", "SERVICE", "RTT", "REASON"],
        Lang::Es => ["PUERTO", "ESTADO", "SERVICIO", "RTT", "MOTIVO"],
    };
    let mut lines = text
        .lines()
        .skip_while(|line| line.trim_start().split("  ").next() != Some(port));
    let Some(heads) = lines.next() else {
        return;
    };
    let folded = !heads.contains(rtt);
    let second = if folded { lines.next().unwrap() } else { heads };
    let at = |line: &str, head: &str| line.find(head).unwrap();
    assert_eq!(at(heads, port) + port.len(), 7);
    let (state, service) = (at(heads, state), at(heads, service));
    let (rtt, reason) = (at(second, rtt) + rtt.len(), at(second, reason));
    for verdict in &host.verdicts {
        if host.answers_everything && verdict.state() == State::Open {
            continue;
        }
        let port = format!("{:>7}  ", verdict.port);
        let row = lines.by_ref().find(|line| line.starts_with(&port));
        let row = row.unwrap_or_else(|| panic!("no row of {port} in {text}"));
        assert!(
            row[state..].starts_with(lang.state(verdict.state())),
            "{row}"
        );
        let name = host.service_of(verdict);
        let mut second = if folded { lines.next().unwrap() } else { row };
        if folded && second.trim_start() == name {
            // A name that is wider than the terminal has a line of its own.
            second = lines.next().unwrap();
        } else {
            let cell = row.get(service..).unwrap_or_default();
            assert!(
                cell.starts_with(&name) && row[..service].ends_with("  "),
                "{row}"
            );
        }
        let ends = !second[..rtt].ends_with(' ') && second[rtt..].starts_with("  ");
        // A reason that does not fit begins beneath.
        let beneath = second.len() == rtt && !second.ends_with(' ');
        assert!(ends || beneath, "{second}");
        assert!(
            beneath || second[reason..].starts_with(verdict.reason.name()),
            "{second}"
        );
    }
}

proptest! {
    #[test]
    fn lines_end_in_time_and_columns_are_aligned(
        hosts in vec(any_host(), 0..4),
        unresolved in vec(any_name(), 0..30),
        end in any_end(),
        located in vec(any_located(), 0..8),
        zones in proptest::array::uniform3("[^ ]{1,15}"),
        width in 40_u16..=200,
        lang in select(vec![Lang::En, Lang::Es]),
    ) {
        let sample = scan(&hosts, &unresolved, &end, &zones);
        let mut report = report(Format::Table, at(width, lang));
        let (mut text, mut all) = (Vec::new(), String::new());
        let mut told = |text: &mut Vec<u8>| {
            all.push_str(std::str::from_utf8(text).unwrap());
            std::mem::take(text)
        };
        report.begin(&sample.header, &mut text);
        told(&mut text);
        for finding in &sample.findings {
            report.finding(finding, &mut text);
            let written = String::from_utf8(told(&mut text)).unwrap();
            if let Finding::Host(done) = finding {
                let host = hosts.iter().find(|host| host.address == done.address).unwrap();
                must_be_aligned(&written, host, lang);
            }
        }
        for mut found in located {
            found.address = hosts.first().map_or(found.address, |host| host.address);
            report.located(&found, &mut text);
        }
        report.end(&sample.trailer, &mut text);
        told(&mut text);
        must_fit(&all, width, &names(&sample));
    }
}
