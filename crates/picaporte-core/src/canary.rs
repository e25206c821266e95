//! Canaries: ports where nothing plausible listens. A host that answers there too would answer anywhere: its open ports say nothing.
//!
//! A SYN proxy, a tarpit or portspoof accepts whatever it is asked. A service that happens to listen on one of three ports out of
//! tens of thousands is rare, and on all of them never seen: with 100 listeners on a host, about one host in 10⁸.

use crate::order::mix;

/// How many are asked at most, of each part of a host.
pub const CANARIES: usize = 3;
/// Of a part of a host with fewer ports none are asked: they would cost more than a twentieth of its probes.
pub const FEWEST_PORTS: u32 = 60;
/// Where they are taken from: above the registered services that are in use, and reaching beyond the ports that Linux, BSD and
/// Windows give to clients, so that each is as good as another.
const FIRST: u64 = 20_000;
const LAST: u64 = 65_535;
/// How many ports are tried before fewer canaries have to do.
const TRIES: u64 = 1_000;

/// The canaries of a scan, from its seed: different ones, all `allowed` (neither excluded nor known for any service).
pub fn choose(seed: u64, allowed: impl Fn(u16) -> bool) -> Vec<u16> {
    let mut chosen = Vec::with_capacity(CANARIES);
    for i in 0..TRIES {
        let port = (FIRST + mix(seed ^ 0xca_9a27, i) % (LAST - FIRST + 1)) as u16;
        if allowed(port) && !chosen.contains(&port) {
            chosen.push(port);
        }
        if chosen.len() == CANARIES {
            break;
        }
    }
    chosen
}

/// What the canaries of one host said so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// SYN-ACKs.
    pub accepted: u8,
    /// RSTs and ICMP errors.
    pub refused: u8,
}

impl Said {
    /// Whether the host answers everything: no canary was refused, and more than one accepted (a lost answer is no refusal).
    pub(crate) fn is_fake(self) -> bool {
        self.refused == 0 && self.accepted >= 2
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_different_ports_are_chosen_by_the_seed() {
        let all = |_| true;
        for seed in 0..1000 {
            let ports = choose(seed, all);
            assert_eq!(ports.len(), CANARIES);
            assert!(ports.iter().all(|&port| u64::from(port) >= FIRST));
            assert!(ports[0] != ports[1] && ports[1] != ports[2] && ports[0] != ports[2]);
        }
        assert_eq!(choose(7, all), choose(7, all));
        assert_ne!(choose(7, all), choose(8, all));
    }

    #[test]
    fn what_is_not_allowed_is_not_chosen() {
        for seed in 0..100 {
            assert!(
                choose(seed, |port| port % 2 == 1)
                    .iter()
                    .all(|port| port % 2 == 1)
            );
        }
        assert_eq!(choose(1, |_| false), []);
    }

    #[test]
    fn one_refusal_clears_a_host_and_one_answer_is_not_enough() {
        let said = |accepted, refused| Said { accepted, refused }.is_fake();
        assert!(said(3, 0) && said(2, 0));
        assert!(!said(1, 0) && !said(2, 1) && !said(0, 0) && !said(0, 3));
    }
}
