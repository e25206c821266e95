//! The scenarios for real worlds that come with the lab: what a kernel sees is what the truth says.

use std::net::SocketAddr;
use std::path::Path;

use libtest_mimic::{Failed, Trial};
use nix::errno::Errno;
use picaporte_lab::scenario::{self, Scenario, World};
use picaporte_lab::truth::{State, Truth};

use crate::client::{Seen, look};
use crate::{Tested, in_world, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("shipped_lan", || agrees("real-lan")),
        trial("shipped_firewall", || agrees("real-firewall")),
        trial("shipped_syn_proxy", || agrees("real-syn-proxy")),
        trial("shipped_loss", loses_a_tenth),
    ]
}

fn load(name: &str) -> Result<Scenario, Failed> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios");
    let scenario = scenario::load(&folder.join(format!("{name}.toml")))?;
    assert_eq!(scenario.world, World::Real);
    Ok(scenario)
}

/// Sockets at a time: fewer than the least that a process usually may have.
const AT_ONCE: usize = 500;

fn agrees(name: &str) -> Tested {
    let world = load(name)?;
    in_world(&world, |running| {
        let lines: Vec<_> = Truth::new(&world, 1).lines().collect();
        for lines in lines.chunks(AT_ONCE) {
            let at: Vec<_> = lines
                .iter()
                .map(|line| SocketAddr::new(line.ip, line.port))
                .collect();
            for (line, seen) in lines.iter().zip(look(&at)?) {
                assert_eq!(state(seen), Some(line.truth.wire), "{line:?}: {seen:?}");
            }
        }
        assert!(running.lab()?.kept_up());
        let wire = running.finish()?;
        assert_eq!(wire.strays, 0);
        assert!(wire.syns >= lines.len() as u64, "{wire:?}");
        Ok(())
    })
}

fn state(seen: Seen) -> Option<State> {
    match seen {
        Seen::Open => Some(State::Open),
        Seen::Closed => Some(State::Closed),
        Seen::Icmp(..) | Seen::Silent => Some(State::Filtered),
        // Behind a SYN proxy: the handshake was made, and undone when the host refused.
        Seen::Other(errno) => (errno == Errno::ECONNRESET as i32).then_some(State::Open),
    }
}

/// 503 open ports, of which one try finds 90.25 %: 454, and 400 is eight standard deviations away.
fn loses_a_tenth() -> Tested {
    let world = load("real-loss")?;
    in_world(&world, |running| {
        let truth = Truth::new(&world, 1);
        let open: Vec<SocketAddr> = truth
            .lines()
            .filter(|line| line.truth.state == State::Open)
            .map(|line| SocketAddr::new(line.ip, line.port))
            .collect();
        assert_eq!(open.len(), 503);
        let found = look(&open)?.into_iter().filter(|it| *it == Seen::Open);
        let found = found.count();
        assert!((400..503).contains(&found), "{found}");
        assert!(running.lab()?.kept_up());
        assert!(running.finish()?.syns >= 503);
        Ok(())
    })
}
