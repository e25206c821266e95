//! Nothing is kept beyond the bounds, and what is alike is kept once.

use super::draft::{NAME, NAMES, REJECTS};
use super::*;

fn id(n: u8) -> HostId {
    HostId::Address([192, 0, 2, n].into(), None)
}

fn builder(limits: Limits) -> Builder {
    Builder::new(Format::JsonLines, "picaporte", &limits)
}

#[test]
fn no_more_hosts_than_allowed() {
    let mut builder = builder(Limits {
        hosts: 2,
        ..Limits::default()
    });
    for n in [1, 2, 1] {
        builder.mention(&id(n)).unwrap();
    }
    assert_eq!(builder.mention(&id(3)), Err(Full::Hosts(2)));
}

#[test]
fn sets_in_common_count_once_and_no_more_ranges_than_allowed() {
    let mut builder = builder(Limits {
        ranges: 3,
        ..Limits::default()
    });
    let ports = PortSet::from_ports([1, 3, 5]);
    for n in 1..=9 {
        builder.say_all(&id(n), Said::Open, &ports).unwrap();
        builder.settle(&id(n)).unwrap();
    }
    assert_eq!(
        builder.say(&id(1), Said::Closed, 7, 7),
        Err(Full::Ranges(3))
    );
}

#[test]
fn no_more_evidence_than_allowed() {
    let from = |n: u8| Evidence {
        from: Some([192, 0, 2, n].into()),
        ..Evidence::default()
    };
    let mut kinds = builder(Limits {
        evidence: 1,
        ..Limits::default()
    });
    kinds.prove(&id(1), 1, 1, from(1)).unwrap();
    kinds.prove(&id(2), 9, 9, from(1)).unwrap();
    assert_eq!(kinds.prove(&id(1), 2, 2, from(2)), Err(Full::Evidence(1)));
    let mut many = builder(Limits {
        ranges: 1,
        ..Limits::default()
    });
    many.prove(&id(1), 1, 1, from(1)).unwrap();
    many.prove(&id(1), 2, 2, from(1)).unwrap();
    assert_eq!(many.prove(&id(1), 4, 4, from(1)), Err(Full::Evidence(1)));
}

#[test]
fn no_more_services_than_allowed() {
    let mut builder = builder(Limits {
        services: 2,
        ..Limits::default()
    });
    for port in [22, 80] {
        builder.listens(&id(1), port, Service::default()).unwrap();
    }
    let more = builder.listens(&id(1), 443, Service::default());
    assert_eq!(more, Err(Full::Services(2)));
    let snapshot = builder.finish().unwrap();
    let host = snapshot.host(&id(1)).unwrap();
    assert_eq!(snapshot.services(host).count(), 2);
    assert_eq!(snapshot.services.len(), 1, "alike");
}

#[test]
fn names_and_rejects_are_few_and_do_not_depend_on_their_order() {
    let kept = |order: &mut dyn Iterator<Item = u8>| {
        let mut builder = builder(Limits::default());
        for n in order {
            builder.name(&id(1), &format!("{n:03}")).unwrap();
            builder.name(&id(1), &"x".repeat(NAME + 1)).unwrap();
            let reject = Reject {
                from: None,
                kind: 3,
                code: n,
            };
            builder.rejects(&id(1), [reject]).unwrap();
        }
        builder.finish().unwrap().hosts.remove(&id(1)).unwrap()
    };
    let (up, down) = (kept(&mut (0..200)), kept(&mut (0..200).rev()));
    assert_eq!(up, down);
    assert_eq!(up.names.len(), NAMES);
    assert_eq!(up.rejects.as_ref().map(Vec::len), Some(REJECTS));
}
