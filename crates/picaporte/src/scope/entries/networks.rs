//! Networks, each read by itself.

use std::net::IpAddr;

use picaporte_core::target::{AddressRange, Lookup, Target, What};
use picaporte_toml::{At, Checked, Mistake, Network, Text, beyond, beyond_prefix, mistake};
use toml::Spanned;

use super::MOST_RANGES;

/// Reads networks as targets are read; `room` is how many more ranges there may be.
pub(super) fn networks<'a>(
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
pub(super) fn lacks_zone(network: &Network<'_>) -> bool {
    let local = |range: &AddressRange| matches!(range.nth(0).ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    network
        .ranges
        .iter()
        .any(|range| range.scope == 0 && local(range))
}

pub(super) fn need_zones(inside: &[Network<'_>]) -> Checked<()> {
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
