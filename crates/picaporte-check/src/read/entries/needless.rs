//! Entries of lists that change nothing.

use picaporte_core::target::{AddressRange, less, merged, never_scanned};
use picaporte_toml::mistake;
use toml::Spanned;

use super::Reading;
use super::entry::{Entry, Zones};
use crate::hosts::Hosts;

/// What is left out of a list that does not have it.
pub(super) fn pointless(
    all: &[AddressRange],
    without: &[Spanned<String>],
    hosts: &Hosts,
    zones: &Zones,
    reading: &mut Reading<'_>,
) {
    // A host that is known by a name may have any address, and the other way round.
    if !hosts.names.is_empty() {
        return;
    }
    for place in without {
        let Ok(Entry::Ranges(ranges)) = Entry::read(place, zones) else {
            continue;
        };
        let untouched = |range: &AddressRange| less(*range, all) == [*range];
        if ranges.iter().all(untouched) {
            let what = mistake!(
                "'{host}' leaves out nothing: it is not among the hosts",
                "'{host}' no excluye nada: no está entre los equipos",
                host = place.get_ref()
            );
            reading.warn(place, what);
        }
    }
}

/// What is never scanned is in no scan.
pub(super) fn never(place: &Spanned<String>, ranges: &[AddressRange], reading: &mut Reading<'_>) {
    let never = merged(never_scanned());
    if ranges.iter().all(|range| less(*range, &never).is_empty()) {
        let what = mistake!(
            "'{host}' is multicast or reserved, and never scanned, so that nothing can be told of it; leave it out",
            "'{host}' es de multidifusión o reservada, y nunca se escanea, así que de ella no se puede saber nada; quítela",
            host = place.get_ref()
        );
        reading.warn(place, what);
    }
}
