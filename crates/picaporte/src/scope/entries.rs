//! The lists of a scope file: each entry read by itself, then held against the others of its list and against the other list.

use picaporte_core::target::Lookup;
use picaporte_toml::{At, Checked, Network, mistake, overlaps};

use super::{Listed, MOST_RANGES, raw};

mod against;
mod names;
mod networks;
mod ports;

use against::{contradictions, never, pointless, scope_of};
use names::{few_enough, names, names_contradict, twice};
use networks::{need_zones, networks};
use ports::ports;

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
