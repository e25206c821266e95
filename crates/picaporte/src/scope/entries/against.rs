//! Networks that are allowed held against those that are excluded, and against what is never scanned.

use picaporte_core::Scope;
use picaporte_core::target::{AddressRange, never_scanned};
use picaporte_toml::{At, Checked, Network, mistake};

use super::networks::lacks_zone;

pub(super) fn scope_of(inside: &[Network<'_>], outside: &[Network<'_>]) -> Scope {
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
pub(super) fn contradictions(inside: &[Network<'_>], outside: &[Network<'_>]) -> Checked<()> {
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

/// What is never scanned need not be allowed.
pub(super) fn never(inside: &[Network<'_>], warnings: &mut Vec<At>) {
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

/// Where no names are allowed it is known by now what an exclusion takes out.
pub(super) fn pointless(inside: &[Network<'_>], outside: &[Network<'_>], warnings: &mut Vec<At>) {
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
