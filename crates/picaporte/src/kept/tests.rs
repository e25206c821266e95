//! What goes into a store comes out of it, and whatever else comes out is refused.

use std::net::IpAddr;
use std::sync::Arc;

use jiff::Timestamp;
use picaporte_core::cursor::Shard;
use picaporte_core::pace::Pace;
use picaporte_core::plan::MAX_PROBES;
use picaporte_core::scope::Limits;
use picaporte_core::target::AddressRange;
use picaporte_core::time::Duration;
use picaporte_core::verdict::States;
use picaporte_core::{Address, Plan, PortSet, Scope, Settings, State};
use picaporte_store::Who;

use super::*;
use crate::report::{Header, Lowered, Scoped};
use crate::scope::ScopeFile;

mod accounts;
mod plans;

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
    }
}

#[test]
fn a_header_comes_back() {
    let header = head();
    let meta = meta(&header, Some(SCOPE), &how(), Who::default()).unwrap();
    assert_eq!(super::how(&meta), Ok(how()));
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
        } = header;
        format!("{id} {version} {started} {args:?} {zones:?} {scope:?}")
    };
    assert_eq!(told(&back), told(&header));
}

#[test]
fn a_scope_that_was_altered_is_refused() {
    let mut meta = meta(&head(), Some(SCOPE), &How::default(), Who::default()).unwrap();
    meta.scope = Some("[allowed]\nnetworks = ['192.0.2.0/33']".to_owned());
    insta::assert_snapshot!(header(&meta).unwrap_err(), @"its scope can't be read: line 2, column 13: '192.0.2.0/33' has no valid prefix length: 0 to 32");
}

#[test]
fn a_name_that_is_no_ulid_is_not_kept() {
    let header = Header {
        id: "today".to_owned(),
        ..head()
    };
    let refused = meta(&header, None, &How::default(), Who::default());
    assert_eq!(refused, Err(KeptError::Name("today".to_owned())));
}
