//! What a scan that never was is given beside its targets: a scope, and where ports of its longest address are answered.

use std::error::Error;
use std::net::Ipv4Addr;
use std::sync::Arc;

use picaporte::core::locate::{Answer, By, Distance, Hop, Located, Place};
use picaporte::report::{Lowered, Report, Sampled, Scoped};
use picaporte::scope::ScopeFile;
use picaporte::{Address, Icmp, NoLookup};

use super::LONG;

/// A scope with more entries than a page tells.
pub(crate) fn scoped() -> Result<(Arc<Scoped>, picaporte::Scope), Box<dyn Error>> {
    let excluded: Vec<String> = (0..70).map(|n| format!("'198.51.100.{n}'")).collect();
    let text = format!(
        "authorised_by = 'Jane Doe, Chief Information Security Officer of Example Corporation'\ncontact = 'noc@example.org'\n\
         valid_from = 2026-01-01T00:00:00Z\nvalid_until = 2026-01-31T18:00:00Z\n[allowed]\nnetworks = ['10.0.0.0/8', '2001:db8::/32']\n\
         [excluded]\nnetworks = [{}]\nports = '6000-6063'\n[limits]\nrate = 300\n",
        excluded.join(", ")
    );
    let file = ScopeFile::parse(text.as_bytes(), &NoLookup).map_err(|wrong| wrong.to_string())?;
    let bounds = file.scope(&|_| Vec::new());
    let lowered = vec![Lowered {
        limit: "rate",
        asked: Some(10_000),
        allowed: 300,
    }];
    let scoped = Scoped {
        path: "scopes/january.toml".to_owned(),
        file: Arc::new(file),
        lowered,
    };
    Ok((Arc::new(scoped), bounds))
}

/// A port of every kind of place.
pub(crate) fn located(page: &mut dyn Report, out: &mut Vec<u8>) -> Sampled {
    let at = |after, until| Place { after, until };
    let router = Address::new(Ipv4Addr::new(10, 0, 0, 254).into());
    let icmp = Icmp {
        v6: false,
        kind: 3,
        code: 13,
        from: Some(router),
    };
    let places = [
        (22, Answer::Accepted, By::Host, at(4, Some(4))),
        (23, Answer::Reset, By::Firewall, at(2, Some(3))),
        (
            25,
            Answer::Rejected(Some(icmp)),
            By::Firewall,
            at(2, Some(2)),
        ),
        (80, Answer::Silent, By::Unknown, at(2, Some(3))),
        (443, Answer::Accepted, By::Behind, at(4, Some(4))),
    ];
    for (port, answer, by, place) in places {
        let found = Located {
            address: Address::new(LONG.parse().expect("an address")),
            port,
            answer,
            by,
            place,
            host: Distance {
                at_least: 4,
                exact: Some(4),
            },
            hops: vec![Hop {
                distance: 2,
                addresses: vec![router],
            }],
            contradicts: false,
            attempts: 9,
        };
        page.located(&found, out);
    }
    Sampled {
        located: places.len() as u64,
        untested: 1,
        left_out: 0,
    }
}
