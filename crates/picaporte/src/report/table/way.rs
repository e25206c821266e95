//! What stands on the way to a host, drawn: a line for each hop, and beside it what is done there with the ports that
//! were located. Where something stands before the host the whole way is drawn, else one line says so.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use picaporte_core::Address;
use picaporte_core::locate::{Answer, By, Located};
use picaporte_core::verdict::icmp_reason;

use super::super::{Header, Style, located};
use super::host;
use super::paint::Paint;
use super::text::{columns, wrap};
use crate::report::Lang;
use crate::words::nouns::{HOP, MORE_HOSTS};

mod sides;

use sides::Sides;

/// So many ways are drawn; JSON has them all.
const DRAWN: usize = 32;
/// Addresses told of one hop, where paths are balanced.
const SPEAKERS: usize = 3;

/// Draws the ways to all hosts of which ports were located.
pub(super) fn write(header: &Header, style: Style, located: &[Located], out: &mut String) {
    let mut hosts: BTreeMap<Address, Vec<&Located>> = BTreeMap::new();
    for found in located {
        hosts.entry(found.address).or_default().push(found);
    }
    if hosts.is_empty() {
        return;
    }
    let more = hosts.len().saturating_sub(DRAWN);
    for (address, ports) in hosts.into_iter().take(DRAWN) {
        Way::new(header, style.lang, address, &ports).write(style, out);
    }
    if more > 0 {
        let text = say!(
            style.lang,
            "and the ways to {hosts}",
            "y los caminos a {hosts}",
            hosts = style.lang.count(more as u64, MORE_HOSTS)
        );
        let _ = writeln!(out, "{}\n", wrap(&text, 0, 2, style.width.into()));
    }
}

/// Something done at a hop.
struct Mark {
    text: String,
    /// Not by the host.
    before: bool,
}

struct Way {
    title: String,
    /// Who spoke at each hop, and what is done there.
    hops: BTreeMap<u8, (String, Vec<Mark>)>,
    /// What has no place.
    beside: Vec<String>,
    any_before: bool,
}

impl Way {
    fn new(header: &Header, lang: Lang, address: Address, ports: &[&Located]) -> Self {
        let exact = ports.iter().find_map(|found| found.host.exact);
        let at_least = ports.iter().map(|found| found.host.at_least).max();
        let mut way = Self {
            title: say!(
                lang,
                "On the way to {host}, {hops} away:",
                "En el camino a {host}, a {hops}:",
                host = host::title(header, address),
                hops = match (exact, at_least) {
                    (Some(hops), _) => lang.count(hops.into(), HOP),
                    (None, least) => located::words::at_least(lang, least.unwrap_or(1)),
                }
            ),
            hops: BTreeMap::new(),
            beside: Vec::new(),
            any_before: false,
        };
        for found in ports {
            way.speakers(header, found);
        }
        if let Some(hops) = exact {
            let name = host::named(header, address);
            way.hops.entry(hops).or_default().0 = name;
        }
        for found in ports {
            way.mark(header, lang, found, exact);
        }
        let last = way.hops.keys().last().copied().unwrap_or(0);
        for hop in 1..=last {
            way.hops.entry(hop).or_default();
        }
        way
    }

    fn speakers(&mut self, header: &Header, found: &Located) {
        for hop in &found.hops {
            let (name, _) = self.hops.entry(hop.distance).or_default();
            if name.is_empty() {
                let told = hop.addresses.iter().take(SPEAKERS);
                let told: Vec<_> = told.map(|&a| host::named(header, a)).collect();
                *name = told.join(", ");
            }
        }
    }

    fn mark(&mut self, header: &Header, lang: Lang, found: &Located, exact: Option<u8>) {
        let Some(done) = done(lang, found) else {
            let says = located::words::sentence(lang, found, &|a| host::named(header, a));
            self.beside.push(say!(
                lang,
                "port {port}: {says}",
                "puerto {port}: {says}",
                port = found.port,
                says = says
            ));
            return;
        };
        let nearest = found.place.until.unwrap_or(found.place.after);
        let at = match (found.by, exact) {
            (By::Host, Some(exact)) => exact,
            _ => nearest.max(1),
        };
        let before = !matches!(found.by, By::Host | By::Behind | By::HostOrBefore);
        self.any_before |= found.by != By::Host;
        let mut text = format!("{}{done}", who(lang, found, exact));
        text.push_str(&why(header, lang, found, at));
        text.push_str(&place(lang, found));
        if found.contradicts {
            text.push_str(lang.either(
                "; attempts contradict each other",
                "; los intentos se contradicen",
            ));
        }
        let marks = &mut self.hops.entry(at).or_default().1;
        marks.push(Mark { text, before });
    }

    fn write(&self, style: Style, out: &mut String) {
        let (paint, width) = (Paint { color: style.color }, usize::from(style.width));
        for line in wrap(&self.title, 0, 2, width).lines() {
            let _ = writeln!(out, "{}", paint.title(line));
        }
        let names = self.hops.values().map(|(name, _)| columns(known(name)));
        let marks = self.hops.values().flat_map(|(_, marks)| marks);
        let words = marks.flat_map(|mark| mark.text.split(' ')).map(columns);
        let sides = Sides::of(
            paint,
            width,
            names.max().unwrap_or(0),
            words.max().unwrap_or(0),
        );
        for (hop, (name, marks)) in &self.hops {
            // Where all is the host's own doing the way there is of no interest.
            if !self.any_before && marks.is_empty() {
                continue;
            }
            sides.write(*hop, known(name), marks, out);
        }
        for text in &self.beside {
            let _ = writeln!(out, "  {}", wrap(text, 2, 4, width));
        }
        out.push('\n');
    }
}

/// A hop of which nobody spoke.
fn known(name: &str) -> &str {
    if name.is_empty() { "?" } else { name }
}

/// Who does it, where it is not the host that stands there.
fn who(lang: Lang, found: &Located, exact: Option<u8>) -> &'static str {
    let firewall = lang.either("firewall: ", "cortafuegos: ");
    let swallowed = found.answer == Answer::Silent;
    match found.by {
        By::Firewall if found.suspicion().is_some() => lang.either(
            "firewall, in the host's name (suspect): ",
            "cortafuegos, en nombre del equipo (sospechoso): ",
        ),
        By::Firewall if matches!(found.answer, Answer::Rejected(_)) => firewall,
        By::Firewall => lang.either(
            "firewall, in the host's name: ",
            "cortafuegos, en nombre del equipo: ",
        ),
        By::Behind => lang.either("something behind the host: ", "algo detrás del equipo: "),
        // Silence of the last hop may be the host's own, and beyond what is known there may be nothing at all.
        By::Unknown if swallowed && found.place.until.is_some_and(|hop| Some(hop) != exact) => {
            firewall
        }
        By::Host | By::HostOrBefore | By::Unknown => "",
    }
}

/// Where else it may be.
fn place(lang: Lang, found: &Located) -> String {
    let after = found.place.after;
    match found.place.until {
        _ if found.by == By::Host => String::new(),
        Some(until) if until == after => String::new(),
        Some(_) if after == 0 => lang.either(", here or before", ", aquí o antes").to_owned(),
        Some(until) if until == after + 1 => say!(
            lang,
            ", here or at hop {after}",
            ", aquí o en el salto {after}",
            after = after
        ),
        Some(_) => say!(
            lang,
            ", here or from hop {after} on",
            ", aquí o a partir del salto {after}",
            after = after
        ),
        None => lang
            .either(", here or farther", ", aquí o más allá")
            .to_owned(),
    }
}

/// What is done with a SYN to the port; `None` where there is no place to tell.
fn done(lang: Lang, found: &Located) -> Option<String> {
    let port = found.port;
    Some(match found.answer {
        Answer::Accepted => say!(lang, "accepts {port}", "acepta {port}", port = port),
        Answer::Reset => say!(
            lang,
            "resets {port}",
            "responde con RST a {port}",
            port = port
        ),
        Answer::Silent if found.contradicts => return None,
        Answer::Silent if found.place.after == 0 && found.place.until.is_none() => return None,
        Answer::Silent => say!(lang, "swallows {port}", "descarta {port}", port = port),
        Answer::Rejected(_) => say!(lang, "rejects {port}", "rechaza {port}", port = port),
        Answer::Loop(_) | Answer::NoNeighbour | Answer::Untested(_) => return None,
    })
}

/// ` (admin-prohibited)`, with the sender where it is not the one who stands at that hop.
fn why(header: &Header, lang: Lang, found: &Located, at: u8) -> String {
    let Answer::Rejected(Some(icmp)) = found.answer else {
        return String::new();
    };
    let reason = icmp_reason(&icmp).name();
    let stands_there = |from: Address| {
        let mut there = found.hops.iter().filter(|hop| hop.distance == at);
        from == found.address || there.any(|hop| hop.addresses.contains(&from))
    };
    match icmp.from {
        Some(from) if !stands_there(from) => say!(
            lang,
            " ({reason}, from {from})",
            " ({reason}, de {from})",
            reason = reason,
            from = host::named(header, from)
        ),
        _ => format!(" ({reason})"),
    }
}
