//! Where a port is answered, in one sentence. Everything that is told of places stands here.

use picaporte_core::locate::{Answer, By, Distance, Located, Place};
use picaporte_core::verdict::icmp_reason;
use picaporte_core::{Address, Icmp, Reason};

use crate::report::Lang;
use crate::words::nouns::HOP;

/// How an address is called.
type Name<'a> = &'a dyn Fn(Address) -> String;

/// The sentence. Names come from the machine, so it is still to be encoded for its sink.
pub(in super::super) fn sentence(lang: Lang, found: &Located, name: Name<'_>) -> String {
    let tell = Tell { lang, found, name };
    match &found.answer {
        Answer::Accepted => tell.answered(lang.either("accepted", "aceptado")),
        Answer::Reset => tell.answered(lang.either("reset", "contestado con RST")),
        Answer::Rejected(icmp) => tell.rejected(*icmp),
        Answer::Silent if found.contradicts => lang
            .either(
                "no answer any more, though it answered the scan: nothing is told of where",
                "ya no hay respuesta, aunque la hubo en el escaneo: no se dice dónde",
            )
            .to_owned(),
        Answer::Silent => tell.swallowed(),
        Answer::Loop(from) => {
            let from = from.map_or(String::new(), |from| {
                say!(
                    lang,
                    " (time-exceeded from {from})",
                    " (time-exceeded de {from})",
                    from = name(from)
                )
            });
            say!(
                lang,
                "never arrives: SYNs run in a loop{from}",
                "no llega nunca: los SYN dan vueltas en un bucle{from}",
                from = from
            )
        }
        Answer::NoNeighbour => lang
            .either(
                "nobody is there: the address answers neither ARP nor neighbour discovery",
                "no hay nadie: la dirección no responde ni a ARP ni al descubrimiento de vecinos",
            )
            .to_owned(),
        Answer::Untested(why) => untested(lang, *why),
    }
}

/// Why nothing is told.
pub(super) fn untested(lang: Lang, why: Reason) -> String {
    say!(
        lang,
        "untested ({why})",
        "sin comprobar ({why})",
        why = why.name()
    )
}

/// `at least 4 hops`.
pub(in super::super) fn at_least(lang: Lang, least: u8) -> String {
    say!(
        lang,
        "at least {hops}",
        "{hops} como mínimo",
        hops = hops(lang, least)
    )
}

/// One port, and what its sentence is made with.
struct Tell<'a> {
    lang: Lang,
    found: &'a Located,
    name: Name<'a>,
}

impl Tell<'_> {
    fn rejected(&self, icmp: Option<Icmp>) -> String {
        let why = icmp.map_or(String::new(), |icmp| {
            format!(" ({})", icmp_reason(&icmp).name())
        });
        let verb = say!(self.lang, "rejected{why}", "rechazado{why}", why = why);
        match icmp.and_then(|icmp| icmp.from) {
            Some(from) if self.found.by == By::Firewall => say!(
                self.lang,
                "{verb} by {from}, {place}",
                "{verb} por {from}, {place}",
                verb = verb,
                from = (self.name)(from),
                place = self.rejects_at()
            ),
            _ => self.answered(&verb),
        }
    }

    fn answered(&self, verb: &str) -> String {
        let (lang, found) = (self.lang, self.found);
        match found.by {
            By::Host => say!(
                lang,
                "{verb} by the host, {hops} away",
                "{verb} por el equipo, a {hops}",
                verb = verb,
                hops = hops_of(lang, found.place)
            ),
            By::Firewall => say!(
                lang,
                "{verb} by something {at}, while the host is {hops} away: a firewall answers in its name",
                "{verb} por algo {at}, aunque el equipo está a {hops}: un cortafuegos responde en su nombre",
                verb = verb,
                at = self.at(),
                hops = distance(lang, found.host)
            ),
            By::Behind => say!(
                lang,
                "{verb} by something behind the host, which is {hops} away and passes this port on",
                "{verb} por algo detrás del equipo, que está a {hops} y reenvía este puerto",
                verb = verb,
                hops = distance(lang, found.host)
            ),
            By::HostOrBefore => say!(
                lang,
                "{verb} {at}: by the host, or by something in its name",
                "{verb} {at}: por el equipo, o por algo en su nombre",
                verb = verb,
                at = self.at()
            ),
            By::Unknown if found.contradicts => say!(
                lang,
                "{verb} {at}; attempts contradict each other, as on paths of different lengths",
                "{verb} {at}; los intentos se contradicen, como en caminos de distinta longitud",
                verb = verb,
                at = self.at()
            ),
            By::Unknown => say!(
                lang,
                "{verb} {at}; SYNs to other ports went farther, too few to be sure of a firewall",
                "{verb} {at}; los SYN a otros puertos llegaron más lejos, pero son pocos para dar por seguro un cortafuegos",
                verb = verb,
                at = self.at()
            ),
        }
    }

    fn swallowed(&self) -> String {
        let lang = self.lang;
        let Place { after, until } = self.found.place;
        let from = match after {
            0 => String::new(),
            hop => say!(
                lang,
                " after {hop}",
                " después del {hop}",
                hop = self.hop_named(hop)
            ),
        };
        let comma = if after == 0 { "" } else { "," };
        match until {
            None if after == 0 => lang
                .either(
                    "swallowed; no hop and no other port answers",
                    "descartado; no responde ningún salto ni ningún otro puerto",
                )
                .to_owned(),
            None => say!(
                lang,
                "swallowed{from}; nothing farther is known to answer",
                "descartado{from}; no se sabe de nada más lejano que responda",
                from = from
            ),
            Some(hop) if self.found.host.exact == Some(hop) => say!(
                lang,
                "swallowed{from}{comma} before or by the host, {hops} away",
                "descartado{from}{comma} antes del equipo o por él, a {hops}",
                from = from,
                comma = comma,
                hops = hops(lang, hop)
            ),
            Some(hop) => say!(
                lang,
                "swallowed{from}{comma} before {hop}",
                "descartado{from}{comma} antes del {hop}",
                from = from,
                comma = comma,
                hop = self.hop_named(hop)
            ),
        }
    }

    /// `hop 2`, `hop 2 or 3`, `between hop 2 and 5`.
    fn rejects_at(&self) -> String {
        match self.found.place.exact() {
            Some(hop) => say!(self.lang, "hop {hop}", "salto {hop}", hop = hop),
            None => self.at(),
        }
    }

    /// `at hop 2 (192.0.2.1)`, `at hop 2 (192.0.2.1) or 3`, `between hop 2 (192.0.2.1) and 5`.
    fn at(&self) -> String {
        let (lang, place) = (self.lang, self.found.place);
        let after = self.hop_named(place.after);
        match place.until {
            None => lang
                .either("at a hop that nothing tells", "en un salto que nada revela")
                .to_owned(),
            Some(until) if until == place.after => {
                say!(lang, "at {after}", "en el {after}", after = after)
            }
            Some(until) if place.after == 0 => say!(
                lang,
                "at hop {until} or before",
                "en el salto {until} o antes",
                until = until
            ),
            Some(until) if until == place.after + 1 => say!(
                lang,
                "at {after} or {until}",
                "en el {after} o el {until}",
                after = after,
                until = until
            ),
            Some(until) => say!(
                lang,
                "between {after} and {until}",
                "entre el {after} y el {until}",
                after = after,
                until = until
            ),
        }
    }

    /// `hop 2 (192.0.2.1)`.
    fn hop_named(&self, hop: u8) -> String {
        let hop_only = say!(self.lang, "hop {hop}", "salto {hop}", hop = hop);
        match self.found.speaker(hop) {
            Some(speaker) => format!("{hop_only} ({})", (self.name)(speaker)),
            None => hop_only,
        }
    }
}

/// `1 hop`, `4 hops`, `3 or 4 hops`, `2 to 4 hops`.
fn hops_of(lang: Lang, place: Place) -> String {
    let after = place.after;
    match place.until {
        None => at_least(lang, after),
        Some(until) if until == after => hops(lang, until),
        Some(until) if until == after + 1 => say!(
            lang,
            "{after} or {until} hops",
            "{after} o {until} saltos",
            after = after,
            until = until
        ),
        Some(until) => say!(
            lang,
            "{after} to {until} hops",
            "entre {after} y {until} saltos",
            after = after,
            until = until
        ),
    }
}

fn distance(lang: Lang, host: Distance) -> String {
    match host.exact {
        Some(exact) => hops(lang, exact),
        None => at_least(lang, host.at_least),
    }
}

fn hops(lang: Lang, n: u8) -> String {
    lang.count(n.into(), HOP)
}
