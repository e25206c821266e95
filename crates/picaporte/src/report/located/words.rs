//! Where a port is answered, in one sentence. Everything that is told of places stands here.

use picaporte_core::locate::{Answer, By, Distance, Located, Place};
use picaporte_core::verdict::icmp_reason;
use picaporte_core::{Address, Reason};

/// How an address is called.
type Name<'a> = &'a dyn Fn(Address) -> String;

/// The sentence. Names come from the machine, so it is still to be encoded for its sink.
pub(in super::super) fn sentence(found: &Located, name: Name<'_>) -> String {
    match &found.answer {
        Answer::Accepted => answered("accepted", found, name),
        Answer::Reset => answered("reset", found, name),
        Answer::Rejected(icmp) => {
            let why = icmp.map_or(String::new(), |icmp| {
                format!(" ({})", icmp_reason(&icmp).name())
            });
            let verb = format!("rejected{why}");
            match icmp.and_then(|icmp| icmp.from) {
                Some(from) if found.by == By::Firewall => {
                    let place = rejects_at(found.place, found, name);
                    format!("{verb} by {}, {place}", name(from))
                }
                _ => answered(&verb, found, name),
            }
        }
        Answer::Silent if found.contradicts => {
            "no answer any more, though it answered the scan: nothing is told of where".to_owned()
        }
        Answer::Silent => swallowed(found, name),
        Answer::Loop(from) => {
            let from = from.map_or(String::new(), |from| {
                format!(" (time-exceeded from {})", name(from))
            });
            format!("never arrives: SYNs run in a loop{from}")
        }
        Answer::NoNeighbour => {
            "nobody is there: the address answers neither ARP nor neighbour discovery".to_owned()
        }
        Answer::Untested(why) => untested(*why),
    }
}

/// Why nothing is told.
pub(super) fn untested(why: Reason) -> String {
    format!("untested ({})", why.name())
}

fn answered(verb: &str, found: &Located, name: Name<'_>) -> String {
    let place = found.place;
    let at = at(place, found, name);
    match found.by {
        By::Host => format!("{verb} by the host, {} away", hops_of(place)),
        By::Firewall => format!(
            "{verb} by something {at}, while the host is {} away: a firewall answers in its name",
            distance(found.host)
        ),
        By::Behind => format!(
            "{verb} by something behind the host, which is {} away and passes this port on",
            distance(found.host)
        ),
        By::HostOrBefore => format!("{verb} {at}: by the host, or by something in its name"),
        By::Unknown if found.contradicts => {
            format!("{verb} {at}; attempts contradict each other, as on paths of different lengths")
        }
        By::Unknown => format!(
            "{verb} {at}; SYNs to other ports went farther, too few to be sure of a firewall"
        ),
    }
}

fn swallowed(found: &Located, name: Name<'_>) -> String {
    let Place { after, until } = found.place;
    let from = match after {
        0 => String::new(),
        hop => format!(" after {}", hop_named(hop, found, name)),
    };
    let comma = if after == 0 { "" } else { "," };
    match until {
        None if after == 0 => "swallowed; no hop and no other port answers".to_owned(),
        None => format!("swallowed{from}; nothing farther is known to answer"),
        Some(hop) if found.host.exact == Some(hop) => {
            format!(
                "swallowed{from}{comma} before or by the host, {} away",
                hops(hop)
            )
        }
        Some(hop) => format!(
            "swallowed{from}{comma} before {}",
            hop_named(hop, found, name)
        ),
    }
}

/// `hop 2`, `hop 2 or 3`, `between hop 2 and 5`.
fn rejects_at(place: Place, found: &Located, name: Name<'_>) -> String {
    match place.exact() {
        Some(hop) => format!("hop {hop}"),
        None => at(place, found, name),
    }
}

/// `at hop 2 (192.0.2.1)`, `at hop 2 (192.0.2.1) or 3`, `between hop 2 (192.0.2.1) and 5`.
fn at(place: Place, found: &Located, name: Name<'_>) -> String {
    let after = hop_named(place.after, found, name);
    match place.until {
        None => "at a hop that nothing tells".to_owned(),
        Some(until) if until == place.after => format!("at {after}"),
        Some(until) if place.after == 0 => format!("at hop {until} or before"),
        Some(until) if until == place.after + 1 => format!("at {after} or {until}"),
        Some(until) => format!("between {after} and {until}"),
    }
}

fn hop_named(hop: u8, found: &Located, name: Name<'_>) -> String {
    match found.speaker(hop) {
        Some(speaker) => format!("hop {hop} ({})", name(speaker)),
        None => format!("hop {hop}"),
    }
}

/// `1 hop`, `4 hops`, `3 or 4 hops`, `2 to 4 hops`.
fn hops_of(place: Place) -> String {
    match place.until {
        None => format!("at least {}", hops(place.after)),
        Some(until) if until == place.after => hops(until),
        Some(until) if until == place.after + 1 => format!("{} or {until} hops", place.after),
        Some(until) => format!("{} to {until} hops", place.after),
    }
}

fn distance(host: Distance) -> String {
    match host.exact {
        Some(exact) => hops(exact),
        None => format!("at least {}", hops(host.at_least)),
    }
}

fn hops(n: u8) -> String {
    let s = if n == 1 { "" } else { "s" };
    format!("{n} hop{s}")
}
