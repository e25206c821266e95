//! What goes into a store comes out of it, and whatever else comes out is refused.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use picaporte_core::cursor::Shard;
use picaporte_core::known::Spent;
use picaporte_core::pace::Pace;
use picaporte_core::plan::MAX_PROBES;
use picaporte_core::scan::HostReport;
use picaporte_core::scope::Limits;
use picaporte_core::target::AddressRange;
use picaporte_core::time::Duration;
use picaporte_core::timing::Loss;
use picaporte_core::verdict::States;
use picaporte_core::{Address, Plan, PortSet, Reason, Scope, Settings, State};
use picaporte_engine::Account;
use picaporte_store::{PendingHost, Who};

use super::progress::Beside;
use super::unfinished::Unfinished;
use super::*;
use crate::report::{Header, Lowered, Scoped};
use crate::scope::ScopeFile;

mod accounts;
mod plans;
mod recalled;

/// The n-th address of a /24 for documentation, or of a link-local network.
fn address(n: u8, v6: bool) -> Address {
    if v6 {
        let ip: IpAddr = format!("fe80::{n:x}").parse().unwrap();
        Address { ip, scope: 3 }
    } else {
        Address::new(IpAddr::from([192, 0, 2, n]))
    }
}

fn range(first: u8, more: u8, v6: bool) -> AddressRange {
    AddressRange {
        last: address(first + more, v6).range().first,
        ..address(first, v6).range()
    }
}

fn plan() -> Plan {
    let mut builder = Plan::builder(PortSet::from_ports([22, 80, 443]));
    let seven = [address(7, false)];
    builder.name("www.example.org", &seven, None).unwrap();
    builder.build().unwrap()
}

const SCOPE: &str = "authorised_by = 'The owner'\n[allowed]\nnetworks = ['192.0.2.0/24', 'fe80::%eth0/64']\nports = 'ssh,443'\n[limits]\nrate = 100\n";

fn head() -> Header {
    let zones = vec![(3, "eth0".to_owned())];
    let file = ScopeFile::parse(SCOPE.as_bytes(), &Then { zones: &zones }).unwrap();
    let scope = file.scope(&|_| Vec::new());
    Header {
        id: "01ARZ3NDEKTSV4RRFFQ69G5FAV".to_owned(),
        version: "0.1.0".into(),
        started: whole(Timestamp::from_nanosecond(1_767_225_600_123_456_789).unwrap()),
        args: vec!["scan".to_owned(), "www.example.org\u{202e}".to_owned()],
        plan: Arc::new(plan().within(&scope)),
        zones: zones.into_iter().collect(),
        scope: Some(Arc::new(Scoped {
            path: "scope.toml".to_owned(),
            file: Arc::new(file),
            lowered: vec![Lowered {
                limit: "rate",
                asked: None,
                allowed: 100,
            }],
        })),
        reverse: crate::report::Reverse::default(),
        identified: crate::report::Identified::default(),
        from: Some(someone()),
    }
}

fn someone() -> Who {
    Who {
        user: "auditor".to_owned(),
        machine: "probe-1".to_owned(),
        source: Some("192.0.2.1".parse().unwrap()),
        ..Who::default()
    }
}

fn how() -> How {
    How {
        pins: vec![(
            "www.example.org".to_owned(),
            vec!["192.0.2.7".parse().unwrap()],
        )],
        source: Some("192.0.2.1".parse().unwrap()),
        interface: Some("eth0".to_owned()),
        locate: true,
        reverse_dns: true,

        identify: true,
        fragile: true,
        nmap_probes: Some("probes".into()),
    }
}

#[test]
fn a_header_comes_back() {
    let header = head();
    let meta = meta(&header, Some(SCOPE), &how(), someone()).unwrap();
    assert_eq!(begun(&meta).unwrap().1, how());
    assert_eq!((meta.planned, meta.targets.len()), (3, 1));
    let back = super::header(&meta).unwrap();
    assert_eq!(back.plan.parts(), header.plan.parts());
    // Everything else is compared as text: a header has no equality of its own.
    let told = |header: &Header| {
        let Header {
            id,
            version,
            started,
            args,
            plan: _,
            zones,
            scope,
            from,
            // Not kept.
            reverse: _,
            identified: _,
        } = header;
        format!("{id} {version} {started} {args:?} {zones:?} {scope:?} {from:?}")
    };
    assert_eq!(told(&back), told(&header));
}

/// Versions from before it refuse a field that they don't know.
#[test]
fn that_nobody_asks_the_reverse_dns_is_not_written() {
    let written = |how: &How| {
        let meta = meta(&head(), Some(SCOPE), how, someone()).unwrap();
        String::from_utf8(meta.plan[1..].to_vec()).unwrap()
    };
    assert!(written(&how()).contains(r#""reverse_dns":true"#));
    assert!(!written(&How::default()).contains("reverse_dns"));
}

#[test]
fn a_scope_that_was_altered_is_refused() {
    let mut meta = meta(&head(), Some(SCOPE), &How::default(), Who::default()).unwrap();
    meta.scope = Some("[allowed]\nnetworks = ['192.0.2.0/33']".to_owned());
    insta::assert_snapshot!(header(&meta).unwrap_err(), @"its scope can't be read: line 2, column 13: '192.0.2.0/33' has no valid prefix length: 0 to 32");
}

#[test]
fn no_other_scope_is_kept_than_the_one_that_holds() {
    let kept = |text| meta(&head(), text, &How::default(), Who::default()).map(|_| ());
    assert_eq!(kept(Some(SCOPE)), Ok(()));
    for other in [None, Some("[allowed]\nnames = ['a.test']\n")] {
        assert_eq!(kept(other), Err(KeptError::OtherScope));
    }
}

/// A host of [`plan`] of which these ports were decided.
fn pending(ports: &[(Reason, u16)]) -> PendingHost {
    let ports = ports.iter();
    PendingHost {
        host: 0,
        ports: ports
            .map(|&(reason, port)| (reason, PortSet::from_ports([port])))
            .collect(),
    }
}

/// What stands beside the ports of [`plan`]: nine attempts in 3 s, and an open port that was confirmed.
fn beside() -> Beside {
    let spent = Spent {
        attempts: 9,
        extra: 2,
        loss: Loss { asked: 5, lost: 1 },
        elapsed: Duration::from_secs(3),
        ..Spent::default()
    };
    let address = head().plan.address_of(0).unwrap();
    let mut sketch = HostReport::blank(0, address);
    sketch.graded.confirmed = 1;
    let bytes = progress::to_bytes(&spent, std::iter::once(&sketch));
    Beside::read(&bytes).unwrap()
}

#[test]
fn an_unfinished_scan_accounts_for_every_port() {
    let plan = head().plan;
    let beside = beside();
    let second = std::time::Duration::from_secs(1);
    let nothing = Beside::default();
    let none = Unfinished::default().account(&plan, &nothing, second);
    assert_eq!((none.elapsed, none.tally.attempts), (second, 0));
    let of = |account: &Account, reason| account.tally.counts.of(reason);
    assert_eq!(of(&none, Reason::OutOfScope), 1, "port 80");
    assert_eq!(of(&none, Reason::Interrupted), 2);

    let mut unfinished = Unfinished::default();
    let decided = pending(&[(Reason::SynAck, 443)]);
    let host = unfinished.report(&plan, &decided, &beside).unwrap();
    let sets = [&host.open, &host.closed, &host.untested].map(ToString::to_string);
    assert_eq!(sets, ["443", "", "22,80"]);
    assert_eq!(host.graded.confirmed, 1, "what was sketched of it");
    assert_eq!(
        unfinished.report(&plan, &decided, &beside),
        None,
        "it was told"
    );
    let one = unfinished.account(&plan, &beside, second);
    assert_eq!(one.elapsed, std::time::Duration::from_secs(3));
    assert_eq!((one.tally.attempts, one.tally.extra), (9, 2));
    assert_eq!(one.loss, Loss { asked: 5, lost: 1 });
    let reasons = [Reason::SynAck, Reason::OutOfScope, Reason::Interrupted];
    assert_eq!(reasons.map(|reason| of(&one, reason)), [1, 1, 1]);
    for account in [none, one] {
        assert!(account.tally.balances() && !account.tally.complete());
    }
}

#[test]
fn what_can_not_have_been_decided_counts_for_nothing() {
    let plan = head().plan;
    let mut unfinished = Unfinished::default();
    let beside = beside();
    let altered = pending(&[
        (Reason::SynAck, 443),
        (Reason::ConnRefused, 443),
        (Reason::AdminProhibited, 9),
        (Reason::ConnRefused, 80),
    ]);
    let host = unfinished.report(&plan, &altered, &beside).unwrap();
    let sets = [&host.open, &host.closed, &host.filtered, &host.untested];
    assert_eq!(sets.map(ToString::to_string), ["443", "", "", "22,80"]);
    let beyond = PendingHost { host: 1, ..altered };
    assert_eq!(unfinished.report(&plan, &beyond, &beside), None);
    let account = unfinished.account(&plan, &beside, std::time::Duration::ZERO);
    assert!(account.tally.balances());
}

#[test]
fn a_name_that_is_no_ulid_is_not_kept() {
    let header = Header {
        id: "today".to_owned(),
        ..head()
    };
    let refused = meta(&header, Some(SCOPE), &How::default(), Who::default());
    assert_eq!(refused, Err(KeptError::Name("today".to_owned())));
}
