//! Paths, losses, hosts that are and are not there, and what is counted of it.

use std::net::{IpAddr, SocketAddr};

use libtest_mimic::Trial;
use nix::errno::Errno;
use picaporte_lab::netns::{Netns, tool};
use picaporte_lab::real::{LINK, RealWorld};
use picaporte_lab::record::Wire;
use picaporte_lab::scenario::{Path, World};

use crate::client::{Seen, look, look_at, look_with_ttl};
use crate::{Tested, in_world, scenario, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("counts_are_exact", counts_are_exact),
        trial("loss_is_complete_or_partial", losses),
        trial("groups_share_ports_and_paths", groups),
        trial("names_lead_to_hosts", names),
        trial("absent_hosts_are_silent", absent_hosts),
        trial("an_absent_neighbour_is_missing", absent_neighbours),
        trial("large_prefixes_are_whole", large_prefixes),
        trial("routers_say_where_they_are", routers),
        trial("a_world_leaves_nothing_behind", nothing_behind),
        trial("a_simulated_world_is_refused", simulated),
    ]
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address in a test")
}

fn counts_are_exact() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[paths.p]\nhops = 1\n[[hosts]]\naddresses = [\"198.18.0.0/24\", \"2001:db8:18::1\"]\n",
    )?;
    in_world(&world, |world| {
        for (at, seen) in [
            ("198.18.0.1", Seen::Closed),
            ("198.18.0.2", Seen::Closed),
            ("2001:db8:18::1", Seen::Closed),
            // The gateway swallows what is nobody's.
            ("198.19.0.1", Seen::Silent),
        ] {
            assert_eq!(look_at(ip(at), 5)?, seen);
        }
        let expected = Wire {
            syns: 4,
            sent: 4,
            received: 3,
            strays: 3,
            ..Wire::default()
        };
        assert_eq!(world.finish()?, expected);
        Ok(())
    })
}

fn losses() -> Tested {
    let ports: Vec<SocketAddr> = (1..=64)
        .map(|port| SocketAddr::new(ip("198.18.0.1"), port))
        .collect();
    let seen = |path: &str| {
        let world = scenario(
            "198.18.0.1",
            &format!("[paths.p]\n{path}[[hosts]]\naddresses = [\"198.18.0.1\"]\n"),
        )?;
        let mut closed = 0;
        let mut wire = Wire::default();
        in_world(&world, |world| {
            let of = |what| look(&ports).map(|all| all.iter().filter(|it| **it == what).count());
            closed = of(Seen::Closed)?;
            wire = world.finish()?;
            Ok(())
        })?;
        Ok::<_, libtest_mimic::Failed>((closed, wire))
    };
    for hops in ["hops = 0\n", "hops = 2\n"] {
        let (closed, wire) = seen(&format!("{hops}loss_out = 1.0\n"))?;
        assert_eq!((closed, wire.syns, wire.received), (0, 64, 0));
        let (closed, wire) = seen(&format!("{hops}loss_back = 1.0\n"))?;
        assert_eq!((closed, wire.syns, wire.received), (0, 64, 0));
        // Three of four get lost: outside of this once in 10⁷ runs or less often.
        let (closed, wire) = seen(&format!("{hops}loss = 0.5\n"))?;
        assert!((1..=40).contains(&closed), "{closed}");
        assert_eq!((wire.syns, wire.received), (64, closed as u64));
    }
    Ok(())
}

/// Groups whose prefixes lie in each other, on paths of their own, one without hops.
fn groups() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[paths.a]\nhops = 3\n[paths.b]\nhops = 2\n[paths.lan]\n\
         [[hosts]]\npath = \"a\"\naddresses = [\"198.18.0.7\"]\n\
         [[hosts.ports]]\nports = \"22\"\nis = \"open\"\n\
         [[hosts]]\npath = \"b\"\naddresses = [\"198.18.0.0/24\"]\n\
         [[hosts.ports]]\nports = \"22\"\nis = \"reset\"\nat = 1\n\
         [[hosts.ports]]\nports = \"23\"\nis = \"rejected\"\nicmp = \"host-prohibited\"\nat = 2\n\
         [[hosts]]\npath = \"a\"\naddresses = [\"198.18.0.0/23\"]\notherwise = { is = \"dropped\", at = 3 }\n\
         [[hosts]]\npath = \"lan\"\naddresses = [\"198.51.100.64/26\"]\n\
         [[hosts.ports]]\nports = \"22\"\nis = \"open\"\n",
    )?;
    in_world(&world, |_world| {
        let prohibited = Seen::Icmp(3, 10, Path::router(1, 2, false));
        for (at, ssh, telnet) in [
            ("198.18.0.7", Seen::Open, Seen::Closed),
            ("198.18.0.8", Seen::Closed, prohibited),
            ("198.18.0.255", Seen::Closed, prohibited),
            ("198.18.1.1", Seen::Silent, Seen::Silent),
            ("198.51.100.64", Seen::Open, Seen::Closed),
            ("198.51.100.127", Seen::Open, Seen::Closed),
        ] {
            let both = [22, 23].map(|port| SocketAddr::new(ip(at), port));
            assert_eq!(look(&both)?, [ssh, telnet], "{at}");
        }
        Ok(())
    })
}

fn names() -> Tested {
    let world = scenario(
        "www.example.org",
        "[names]\n\"www.example.org\" = [\"198.18.0.1\", \"2001:db8:18::1\"]\n\
         [[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8:18::1\"]\n\
         [[hosts.ports]]\nports = \"5\"\nis = \"open\"\n",
    )?;
    in_world(&world, |running| {
        let all: Vec<IpAddr> = world.addresses().collect();
        assert_eq!(all.len(), 2);
        for ip in all {
            assert_eq!(look_at(ip, 5)?, Seen::Open);
        }
        assert_eq!(running.finish()?.strays, 0);
        Ok(())
    })
}

/// Not even a firewall speaks for a host that is not there.
fn absent_hosts() -> Tested {
    let world = scenario(
        "198.18.0.0/26",
        "[paths.p]\nhops = 2\n[[hosts]]\naddresses = [\"198.18.0.0/26\", \"2001:db8:18::/122\"]\nalive = 0.5\n\
         otherwise = { is = \"reset\", at = 1 }\n[[hosts.ports]]\nports = \"5\"\nis = \"closed\"\n",
    )?;
    in_world(&world, |_world| {
        let v4 = (0..64).map(|host| ip(&format!("198.18.0.{host}")));
        let v6 = (0..64).map(|host| ip(&format!("2001:db8:18::{host:x}")));
        let all: Vec<IpAddr> = v4.chain(v6).collect();
        let alive = all.iter().filter(|ip| world.hosts[0].exists(1, **ip));
        assert!((32..96).contains(&alive.count()));
        for port in [5, 6] {
            let at: Vec<_> = all.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
            for (ip, seen) in all.iter().zip(look(&at)?) {
                let exists = world.hosts[0].exists(1, *ip);
                let expected = if exists { Seen::Closed } else { Seen::Silent };
                assert_eq!(seen, expected, "{ip} {port}");
            }
        }
        Ok(())
    })
}

/// Neighbours that exist answer ARP and neighbour discovery; for one that does not exist nobody answers.
fn absent_neighbours() -> Tested {
    let world = scenario(
        "198.18.0.0/28",
        "[[hosts]]\naddresses = [\"198.18.0.0/28\", \"2001:db8:18::/124\"]\nalive = 0.5\n",
    )?;
    in_world(&world, |_world| {
        let v4 = (0..16).map(|host| ip(&format!("198.18.0.{host}")));
        let v6 = (0..16).map(|host| ip(&format!("2001:db8:18::{host:x}")));
        let all: Vec<IpAddr> = v4.chain(v6).collect();
        let at: Vec<_> = all.iter().map(|ip| SocketAddr::new(*ip, 5)).collect();
        for (ip, seen) in all.iter().zip(look(&at)?) {
            let exists = world.hosts[0].exists(1, *ip);
            assert_eq!(seen == Seen::Closed, exists, "{ip}: {seen:?}");
            assert_eq!(seen == Seen::Silent, !exists, "{ip}: {seen:?}");
        }
        Ok(())
    })
}

fn large_prefixes() -> Tested {
    let world = scenario(
        "10.0.0.0/8",
        "[paths.p]\nhops = 1\n[[hosts]]\naddresses = [\"10.0.0.0/8\", \"2001:db8:1000::/36\"]\n\
         [[hosts.ports]]\nports = \"5\"\nis = \"open\"\n\
         [[hosts.ports]]\nports = \"6\"\nis = \"rejected\"\nicmp = \"port-unreach\"\n",
    )?;
    in_world(&world, |_world| {
        for (at, says) in [
            ("10.0.0.0", "10.0.0.0"),
            ("10.200.3.4", "10.200.3.4"),
            ("10.255.255.255", "10.255.255.255"),
            // As documented: the first address speaks for all of so many.
            ("2001:db8:1abc:5::9", "2001:db8:1000::"),
        ] {
            let (kind, code) = if at.contains(':') { (1, 4) } else { (3, 3) };
            let both = [5, 6, 7].map(|port| SocketAddr::new(ip(at), port));
            let unreachable = Seen::Icmp(kind, code, ip(says));
            assert_eq!(look(&both)?, [Seen::Open, unreachable, Seen::Closed]);
        }
        Ok(())
    })
}

/// A packet whose time to live runs out is answered by the router where it does, from its own address; not by a silent one.
fn routers() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[paths.p]\nhops = 3\nsilent_hops = [2]\n[[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8:18::1\"]\n",
    )?;
    in_world(&world, |_world| {
        for (at, v6, kind) in [("198.18.0.1", false, 11), ("2001:db8:18::1", true, 3)] {
            let at = [SocketAddr::new(ip(at), 5)];
            let from = |hop| Seen::Icmp(kind, 0, Path::router(0, hop, v6));
            for (ttl, seen) in [
                (1, from(1)),
                (2, Seen::Silent),
                (3, from(3)),
                (4, Seen::Closed),
            ] {
                assert_eq!(look_with_ttl(&at, ttl)?, [seen], "{ttl}");
            }
        }
        Ok(())
    })
}

fn nothing_behind() -> Tested {
    let world = scenario("198.18.0.1", "[[hosts]]\naddresses = [\"198.18.0.1\"]\n")?;
    Netns::new("scanner")?.inside(|| -> Tested {
        for _ in 0..3 {
            let running = RealWorld::build(&world, 1)?;
            assert_eq!(look_at(ip("198.18.0.1"), 5)?, Seen::Closed);
            running.finish()?;
            assert!(!tool(&["ip", "link"])?.contains(LINK));
            let unreachable = Seen::Other(Errno::ENETUNREACH as i32);
            assert_eq!(look_at(ip("198.18.0.1"), 5)?, unreachable);
        }
        Ok(())
    })?
}

fn simulated() -> Tested {
    let mut world = scenario("198.18.0.1", "[[hosts]]\naddresses = [\"198.18.0.1\"]\n")?;
    world.world = World::Simulated;
    let error = RealWorld::build(&world, 1).unwrap_err().to_string();
    assert!(error.contains("world = \"real\""), "{error}");
    Ok(())
}
