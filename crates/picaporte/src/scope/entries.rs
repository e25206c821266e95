//! The lists of a scope file: each entry read by itself, then held against the others of its list and against the other list.

use std::net::IpAddr;

use picaporte_core::target::{AddressRange, Lookup, Target, What, never_scanned};
use picaporte_core::{PortSet, Scope};
use picaporte_toml::{
    At, Checked, Mistake, Network, Text, beyond, beyond_prefix, mistake, overlaps,
};
use toml::Spanned;

use super::raw;
use super::{Listed, MOST_NAMES, MOST_RANGES};

/// Reads both lists.
pub(super) fn lists(
    raw: &raw::Scope,
    lookup: &dyn Lookup,
    warnings: &mut Vec<At>,
) -> Checked<(Listed, Listed)> {
    let Some(allowed) = &raw.allowed else {
        let what = mistake!(
            "'allowed' is missing, so that nothing may be scanned; write [allowed] with networks or names",
            "falta 'allowed', así que no se puede escanear nada; escriba [allowed] con networks o names"
        );
        return Err(At::whole(what));
    };
    let (place, allowed) = (allowed, allowed.get_ref());
    if allowed.networks.is_empty() && allowed.names.is_empty() {
        let what = mistake!(
            "it allows nothing; write networks = [\"192.0.2.0/24\"] or names = [\"www.example.org\"]",
            "no permite nada; escriba networks = [\"192.0.2.0/24\"] o names = [\"www.example.org\"]"
        );
        return Err(At::place(place, what));
    }
    let mut room = MOST_RANGES;
    let inside = networks(&allowed.networks, lookup, &mut room)?;
    let outside = networks(&raw.excluded.networks, lookup, &mut room)?;
    let names = (names(&allowed.names)?, names(&raw.excluded.names)?);
    few_enough(allowed, &raw.excluded)?;
    need_zones(&inside)?;
    contradictions(&inside, &outside)?;
    names_contradict(allowed, &raw.excluded)?;
    overlaps(&inside, warnings);
    overlaps(&outside, warnings);
    never(&inside, warnings);
    twice(&allowed.names, warnings);
    twice(&raw.excluded.names, warnings);
    if names.0.is_empty() {
        pointless(&inside, &outside, warnings);
    }
    let ports = ports(allowed, &raw.excluded, lookup, warnings)?;
    let listed = |raw: &raw::Listed, networks: &[Network<'_>], names, ports| Listed {
        networks: raw.networks.iter().map(|n| n.get_ref().clone()).collect(),
        names,
        ports,
        ranges: networks
            .iter()
            .flat_map(|n| n.ranges.iter().copied())
            .collect(),
    };
    let (allowed, excluded) = (
        listed(allowed, &inside, names.0, ports.0),
        listed(&raw.excluded, &outside, names.1, ports.1),
    );
    if allowed.names.is_empty() && scope_of(&inside, &outside).is_empty() {
        return Err(At::place(
            place,
            mistake!(
                "everything that is allowed is excluded too; nothing is left to scan",
                "todo lo permitido está también excluido; no queda nada que escanear"
            ),
        ));
    }
    Ok((allowed, excluded))
}

/// Reads networks as targets are read; `room` is how many more ranges there may be.
fn networks<'a>(
    list: &'a [Spanned<String>],
    lookup: &dyn Lookup,
    room: &mut usize,
) -> Checked<Vec<Network<'a>>> {
    let mut networks = Vec::with_capacity(list.len());
    for place in list {
        let ranges = network(place, lookup)?;
        *room = room.checked_sub(ranges.len()).ok_or_else(|| {
            At::place(
                place,
                mistake!(
                    "more than {most} ranges from here on; write networks as prefixes",
                    "desde aquí, más de {most} rangos; escriba las redes como prefijos",
                    most = MOST_RANGES
                ),
            )
        })?;
        networks.push(Network { place, ranges });
    }
    Ok(networks)
}

fn network(place: &Spanned<String>, lookup: &dyn Lookup) -> Checked<Vec<AddressRange>> {
    let text = place.get_ref().trim();
    let wrong = |what: Mistake| At::place(place, what);
    let target = Target::parse(text, lookup).map_err(|error| match text {
        "" => At::place(
            place,
            mistake!(
                "an empty network; write it like 192.0.2.0/24",
                "una red vacía; escríbala como 192.0.2.0/24"
            ),
        ),
        _ => wrong(error.into()),
    })?;
    if target.ports.is_some() {
        let what = mistake!(
            "'{text}' has a port; write the network alone, and ports = \"…\" for all of them",
            "'{text}' lleva un puerto; escriba la red sola, y ports = \"…\" para todas",
            text = text
        );
        return Err(wrong(what.into()));
    }
    let ranges = match target.what {
        What::One(address) => vec![address.range()],
        What::Many(ranges) => ranges,
        What::Name(name) => {
            let what = mistake!(
                "'{name}' is a name; write it under names",
                "'{name}' es un nombre; escríbalo en names",
                name = name
            );
            return Err(wrong(what.into()));
        }
    };
    if let Some(meant) = beyond_prefix(text, &ranges) {
        return Err(wrong(beyond(text, &meant).into()));
    }
    zones(text, &ranges).map_err(|what| wrong(what.into()))?;
    Ok(ranges)
}

/// RFC 4007, section 6: a link-local address means nothing without its zone, and other addresses have none.
fn zones(text: &str, ranges: &[AddressRange]) -> Result<(), Text> {
    let local = |range: &AddressRange| {
        let is = |ip| matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
        let last = AddressRange {
            first: range.last,
            ..*range
        };
        is(range.nth(0).ip) && is(last.nth(0).ip)
    };
    match ranges {
        [range] if range.scope != 0 && !local(range) => Err(mistake!(
            "'{text}' has a zone, which only link-local addresses have; write it without",
            "'{text}' lleva una zona, que solo tienen las direcciones de enlace local; escríbala sin ella",
            text = text
        )),
        _ => Ok(()),
    }
}

/// Link-local without a zone: an exclusion holds in every zone, and what is allowed needs one.
fn lacks_zone(network: &Network<'_>) -> bool {
    let local = |range: &AddressRange| matches!(range.nth(0).ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    network
        .ranges
        .iter()
        .any(|range| range.scope == 0 && local(range))
}

fn need_zones(inside: &[Network<'_>]) -> Checked<()> {
    let Some(network) = inside.iter().find(|network| lacks_zone(network)) else {
        return Ok(());
    };
    let text = network.place.get_ref();
    let what = mistake!(
        "'{text}' is link-local and needs a zone, like fe80::1%eth0",
        "'{text}' es de enlace local y necesita una zona, como fe80::1%eth0",
        text = text
    );
    Err(At::place(network.place, what))
}

fn names(list: &[Spanned<String>]) -> Checked<Vec<String>> {
    let mut names = Vec::with_capacity(list.len());
    for place in list {
        let name = name(place)?;
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > MOST_NAMES {
            let what = mistake!(
                "more than {most} names; write networks instead",
                "más de {most} nombres; escriba redes en su lugar",
                most = MOST_NAMES
            );
            return Err(At::place(place, what));
        }
    }
    Ok(names)
}

fn name(place: &Spanned<String>) -> Checked<String> {
    let text = place.get_ref().trim();
    let wrong = |what: Text| At::place(place, what);
    if text.contains('*') {
        return Err(wrong(mistake!(
            "'{text}' stands for names that can't be listed; write each name, or the network that they are in",
            "'{text}' representa nombres que no se pueden enumerar; escriba cada nombre, o la red en que están",
            text = text
        )));
    }
    let target = Target::parse(text, &picaporte_core::target::NoLookup);
    match target.map(|target| (target.what, target.ports)) {
        Ok((What::Name(name), None)) => Ok(name),
        Ok((What::Name(_), Some(_))) => Err(wrong(mistake!(
            "'{text}' has a port; write the name alone, and ports = \"…\" for all of them",
            "'{text}' lleva un puerto; escriba el nombre solo, y ports = \"…\" para todos",
            text = text
        ))),
        Ok(_) => Err(wrong(mistake!(
            "'{text}' is an address; write it under networks",
            "'{text}' es una dirección; escríbala en networks",
            text = text
        ))),
        Err(_) => Err(wrong(mistake!(
            "'{text}' is no host name",
            "'{text}' no es un nombre de equipo",
            text = text
        ))),
    }
}

fn few_enough(allowed: &raw::Listed, excluded: &raw::Listed) -> Checked<()> {
    let all = allowed.names.len() + excluded.names.len();
    match excluded.names.last().or(allowed.names.last()) {
        Some(last) if all > MOST_NAMES => {
            let what = mistake!(
                "more than {most} names in all; write networks instead",
                "más de {most} nombres en total; escriba redes en su lugar",
                most = MOST_NAMES
            );
            Err(At::place(last, what))
        }
        _ => Ok(()),
    }
}

fn scope_of(inside: &[Network<'_>], outside: &[Network<'_>]) -> Scope {
    let ranges = |networks: &[Network<'_>]| -> Vec<AddressRange> {
        networks
            .iter()
            .flat_map(|n| n.ranges.iter().copied())
            .collect()
    };
    Scope::new(ranges(inside), ranges(outside))
}

/// Whether every address of a network is in a scope, or none.
fn lies(network: &Network<'_>, scope: &Scope, inside: bool) -> bool {
    let mut pieces = network.ranges.iter().flat_map(|range| scope.pieces(*range));
    pieces.all(|(_, is_in)| is_in == inside)
}

/// A network that is allowed and wholly excluded was not meant as one of the two.
fn contradictions(inside: &[Network<'_>], outside: &[Network<'_>]) -> Checked<()> {
    let excluded = scope_of(outside, &[]);
    let Some(network) = inside.iter().find(|network| lies(network, &excluded, true)) else {
        return Ok(());
    };
    let text = network.place.get_ref();
    let what = mistake!(
        "'{text}' is allowed here, and all of it is excluded below [excluded]; take one of the two out",
        "'{text}' está permitida aquí, y toda ella excluida en [excluded]; quite una de las dos",
        text = text
    );
    Err(At::place(network.place, what))
}

fn names_contradict(allowed: &raw::Listed, excluded: &raw::Listed) -> Checked<()> {
    let denied: Vec<String> = names(&excluded.names)?;
    for place in &allowed.names {
        let name = name(place)?;
        if denied.contains(&name) {
            let what = mistake!(
                "'{name}' is allowed here and excluded below [excluded]; take one of the two out",
                "'{name}' está permitido aquí y excluido en [excluded]; quite uno de los dos",
                name = name
            );
            return Err(At::place(place, what));
        }
    }
    Ok(())
}

/// What is never scanned need not be allowed.
fn never(inside: &[Network<'_>], warnings: &mut Vec<At>) {
    let never = Scope::new(never_scanned(), []);
    for network in inside.iter().filter(|network| lies(network, &never, true)) {
        let what = mistake!(
            "'{network}' is multicast or reserved, and never scanned; leave it out",
            "'{network}' es de multidifusión o reservada, y nunca se escanea; quítela",
            network = network.place.get_ref()
        );
        warnings.push(At::place(network.place, what));
    }
}

fn twice(names: &[Spanned<String>], warnings: &mut Vec<At>) {
    let mut seen = std::collections::BTreeSet::new();
    for place in names {
        let text = place.get_ref().trim().to_ascii_lowercase();
        if !seen.insert(text.trim_end_matches('.').to_owned()) {
            warnings.push(At::place(
                place,
                mistake!(
                    "'{text}' is written twice; keep one",
                    "'{text}' está dos veces; deje uno",
                    text = text
                ),
            ));
        }
    }
}

/// Where no names are allowed it is known by now what an exclusion takes out.
fn pointless(inside: &[Network<'_>], outside: &[Network<'_>], warnings: &mut Vec<At>) {
    let allowed = scope_of(inside, &[]);
    let outside = outside.iter().filter(|network| !lacks_zone(network));
    for network in outside.filter(|network| lies(network, &allowed, false)) {
        let what = mistake!(
            "'{network}' excludes nothing: none of it is allowed; leave it out, or mend the network",
            "'{network}' no excluye nada: nada de ella está permitido; quítela, o corrija la red",
            network = network.place.get_ref()
        );
        warnings.push(At::place(network.place, what));
    }
}

type Ports = Option<PortSet>;

fn ports(
    allowed: &raw::Listed,
    excluded: &raw::Listed,
    lookup: &dyn Lookup,
    warnings: &mut Vec<At>,
) -> Checked<(Ports, Ports)> {
    let read = |place: &Spanned<String>| {
        let set = PortSet::parse(place.get_ref(), &|name| lookup.service(name));
        set.map_err(|error| At::place(place, error))
    };
    let inside = allowed.ports.as_ref().map(read).transpose()?;
    let outside = excluded.ports.as_ref().map(read).transpose()?;
    if let (Some(place), Some(denied)) = (&excluded.ports, &outside) {
        let all = inside.clone().unwrap_or_else(PortSet::all);
        let left = all.minus(denied);
        if left.is_empty() {
            let what = mistake!(
                "every port that is allowed is excluded too; nothing is left to scan",
                "todos los puertos permitidos están también excluidos; no queda nada que escanear"
            );
            return Err(At::place(place, what));
        }
        if left == all {
            let what = mistake!(
                "it excludes nothing: none of these ports is allowed; leave it out",
                "no excluye nada: ninguno de estos puertos está permitido; quítelo"
            );
            warnings.push(At::place(place, what));
        }
    }
    Ok((inside, outside))
}
