//! Whole paths, played: what is said of a port holds, whatever the path does to the packets.

use proptest::prelude::*;

use super::sim::{Act, Boxed, Path, Run, host, router, run};
use super::*;

fn locate(path: &Path, ports: &[u16]) -> Run {
    let ports: Vec<(Address, u16)> = ports.iter().map(|&p| (host(), p)).collect();
    let settings = Settings {
        rate: None,
        compared: vec![443, 80, 22, 40_001, 51_234],
    };
    run(&mut Locate::new(&ports, &settings), path)
}

fn one(path: &Path, port: u16) -> Located {
    locate(path, &[port]).found.remove(0).0
}

fn boxed(hop: u8, act: Act) -> Option<Boxed> {
    Some(Boxed {
        hop,
        bridge: false,
        act,
        ports: (1000, 1999),
    })
}

/// What is wrong with what is said; `None` if all of it holds.
fn wrong(path: &Path, found: &Located) -> Option<&'static str> {
    let (truth, hop, act) = path.truth(found.port);
    let kind = match (act, found.answer) {
        (Act::Accept, Answer::Accepted)
        | (Act::Reset, Answer::Reset)
        | (Act::Reject, Answer::Rejected(_))
        | (Act::Drop, Answer::Silent) => true,
        _ => false,
    };
    let far = found.host.at_least > path.host || found.host.exact.is_some_and(|e| e != path.host);
    match found.by {
        _ if !kind => Some("another answer"),
        _ if !found.place.holds(hop) => Some("another place"),
        By::Host if truth.is_some() => Some("it is not the host"),
        By::Firewall if truth.is_none() => Some("it is the host"),
        By::Behind => Some("nothing is behind"),
        _ if far => Some("the host is not there"),
        _ => None,
    }
}

/// Paths as the goal has them: 1 to 12 hops, 5 % loss each way, rationed errors, silent routers, a box
/// somewhere that does anything.
fn path_of(seed: u64) -> (Path, u16) {
    let draw = |what: u64, below: u64| crate::order::mix(seed, what) % below;
    let host = 1 + draw(1, 12) as u8;
    let acts = [Act::Accept, Act::Reset, Act::Reject, Act::Drop];
    let act = |n: u64| acts[n as usize];
    let has_box = host > 1 && draw(2, 4) > 0;
    let boxed = has_box.then(|| Boxed {
        hop: 1 + draw(3, u64::from(host) - 1) as u8,
        bridge: draw(4, 3) == 0,
        act: act(draw(5, 4)),
        ports: (1000, 1999),
    });
    let silent = (1..host).filter(|&hop| draw(20 + u64::from(hop), 8) == 0);
    let path = Path {
        seed,
        loss: 3277,
        rtt: Duration::from_millis(2 + draw(6, 200)),
        jitter: Duration::from_millis(draw(7, 20)),
        rationed: true,
        silent: silent.collect(),
        boxed,
        open: [vec![22], vec![80, 443], vec![22, 1500], vec![]][draw(8, 4) as usize].clone(),
        otherwise: acts[1 + draw(9, 3) as usize],
        initial: [64, 128, 255][draw(10, 3) as usize],
        ..Path::quiet(host)
    };
    (path, if draw(11, 4) == 0 { 80 } else { 1500 })
}

/// What each seed's path gives: what is wrong with it, how long it took, and what was said.
fn play(seed: u64) -> (Option<&'static str>, Duration, Path, Located) {
    let (path, port) = path_of(seed);
    let (found, took) = locate(&path, &[port]).found.remove(0);
    (wrong(&path, &found), took, path, found)
}

#[test]
fn what_is_said_holds_on_three_thousand_lossy_paths() {
    let mut vague = 0;
    for seed in 0..3_000 {
        let (wrong, took, path, found) = play(seed);
        if std::env::var("ALL").is_ok() {
            let (t, hop, act) = path.truth(found.port);
            println!(
                "{seed} {wrong:?} {took} {act:?} truth {hop}{} said {:?} {:?} host {} {:?} n{}",
                if t.is_some() { "b" } else { "h" },
                found.by,
                found.place,
                path.host,
                found.host,
                found.attempts
            );
            continue;
        }
        assert_eq!(wrong, None, "seed {seed}: {path:?}\n{found:#?}");
        assert!(took <= Duration::from_secs(5), "seed {seed}: {took}");
        // A place without an end says little, unless nothing but silence is there.
        vague += u32::from(found.place.until.is_none() && path.otherwise != Act::Drop);
    }
    assert!(vague <= 30, "{vague} of 3,000 have no end");
}
