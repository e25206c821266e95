//! Over how many hops an answer comes back, as far as a floor on its time to live tells: an answer
//! that arrives with less than the floor is not seen (`IP_MINTTL`, RFC 5082).
//!
//! A host on hop n and a box on hop n − 1 that forwards before it filters answer the same SYNs. Their
//! answers differ by one in the time to live with which they arrive.
//!
//! A SYN-ACK that a floor hides is not acknowledged; the peer sends it again after a second, and this
//! machine's system, which has forgotten the attempt by then, resets it. So few are hidden.

use super::located::Answer;
use super::trace::Trace;

/// What systems begin with. Linux, the BSDs and macOS: 64; Windows: 128; routers, Solaris: 255.
const INITIAL: [u8; 3] = [64, 128, 255];
/// So many silences are no chance: at 10 % loss there and back, one of 100,000.
const TRIES: u8 = 5;

/// Over how many hops the answers come back, compared with the way there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    /// Over as many: whoever answers is where the SYN's time to live says, and not before it.
    AsFar,
    /// Over fewer.
    Nearer,
    /// Over more, or from a system that begins with something else.
    Unclear,
    /// Answers through this floor are to be asked for first.
    Ask(u8),
}

/// What is known of answers to SYNs that must take `hops`.
pub(super) fn of(trace: &Trace, hops: u8) -> Return {
    if !matches!(trace.answer, Some(Answer::Accepted | Answer::Reset)) {
        return Return::Unclear;
    }
    for initial in INITIAL {
        match passes(trace, initial - hops + 2) {
            None => return Return::Ask(initial - hops + 2),
            Some(false) => {
                return match passes(trace, initial - hops + 1) {
                    None => Return::Ask(initial - hops + 1),
                    Some(true) => Return::AsFar,
                    Some(false) => Return::Unclear,
                };
            }
            Some(true) if initial == 255 => return Return::Nearer,
            Some(true) => match passes(trace, initial + 1) {
                None => return Return::Ask(initial + 1),
                Some(false) => return Return::Nearer,
                // It began with more.
                Some(true) => {}
            },
        }
    }
    Return::Unclear
}

/// Whether answers arrive with at least this time to live; `None` if too little was asked.
fn passes(trace: &Trace, floor: u8) -> Option<bool> {
    let seen = trace.floor(floor);
    match seen {
        _ if seen.answered > 0 => Some(true),
        _ if seen.silent >= TRIES => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::locate::FULL;
    use crate::locate::trace::Reach;
    use crate::outcome::Outcome;
    use crate::time::Instant;

    const RESET: Outcome = Outcome::Refused {
        rtt: None,
        retransmits: 0,
    };

    /// Asks as told, of something whose answers arrive with `arrives`; what comes out, and after how many SYNs.
    fn ask(arrives: u8, hops: u8) -> (Return, u32) {
        let mut trace = Trace::new(1);
        let once = |min_ttl, outcome: &Outcome, trace: &mut Trace| {
            let reach = Reach { ttl: FULL, min_ttl };
            trace.sends(Instant::ZERO, reach);
            trace.take(Instant::ZERO, Instant::ZERO, reach, outcome);
        };
        once(0, &RESET, &mut trace);
        for _ in 0..100 {
            match of(&trace, hops) {
                Return::Ask(floor) if floor <= arrives => once(floor, &RESET, &mut trace),
                Return::Ask(floor) => once(floor, &Outcome::ABORTED, &mut trace),
                known => return (known, trace.attempts),
            }
        }
        panic!("it never ends");
    }

    #[test]
    fn a_host_and_the_hop_before_it_are_told_apart() {
        for initial in INITIAL {
            for hops in 2..=30 {
                let host = initial - (hops - 1);
                let told = |arrives| ask(arrives, hops).0;
                assert_eq!(told(host), Return::AsFar, "{initial} {hops}");
                assert_eq!(told(host + 1), Return::Nearer, "{initial} {hops}");
                assert_eq!(told(host - 1), Return::Unclear, "{initial} {hops}");
            }
        }
    }

    #[test]
    fn few_attempts_tell() {
        assert!(ask(61, 4).1 <= 8);
        let most = (2..=30).map(|hops| ask(255 - hops + 1, hops).1).max();
        assert!(most <= Some(12), "{most:?}");
    }
}
