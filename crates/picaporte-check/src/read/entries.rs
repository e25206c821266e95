//! Lists of hosts: addresses, networks, names and groups, each entry where it stands.

mod entry;
mod groups;
mod needless;

use std::collections::BTreeSet;

use picaporte_core::target::{AddressRange, less, merged};
use picaporte_toml::{At, Checked, Network, Text, mistake, overlaps};
use toml::Spanned;

use super::Reading;
use crate::hosts::Hosts;
use crate::{MOST_NAMES, MOST_RANGES};
use entry::{Entry, Zones};
use groups::Groups;
use needless::{never, pointless};

type List = [Spanned<String>];

/// The hosts of a list, before what is left out has been taken away.
#[derive(Clone, Debug, Default)]
struct Members {
    ranges: Vec<AddressRange>,
    names: Vec<String>,
}

/// Reads lists; it knows the groups and what there is room for.
pub(super) struct Entries<'a> {
    groups: Groups<'a>,
    zones: Zones,
    ranges: usize,
    names: usize,
}

impl<'a> Entries<'a> {
    pub(super) fn new(raw: &'a groups::Raw, reading: &mut Reading<'_>) -> Checked<Self> {
        let mut entries = Self {
            groups: Groups::default(),
            zones: Zones::default(),
            ranges: MOST_RANGES,
            names: MOST_NAMES,
        };
        entries.groups = Groups::read(raw, |list| entries.members(list, reading))?;
        Ok(entries)
    }

    /// The hosts of a list without those of another one.
    pub(super) fn hosts(
        &mut self,
        of: &Text,
        list: &Spanned<Vec<Spanned<String>>>,
        without: &List,
        reading: &mut Reading<'_>,
    ) -> Checked<Hosts> {
        if list.get_ref().is_empty() {
            let what = mistake!(
                of => "{of} has no hosts, so that it can never match; write hosts = [\"192.0.2.0/24\"]",
                "{of} no tiene equipos, así que no puede aplicarse nunca; escriba hosts = [\"192.0.2.0/24\"]"
            );
            return Err(At::place(list, what));
        }
        let inside = self.members(list.get_ref(), reading)?;
        let outside = self.members(without, reading)?;
        let left_out = merged(outside.ranges);
        let all = merged(inside.ranges);
        let ranges: Vec<_> = all
            .iter()
            .flat_map(|range| less(*range, &left_out))
            .collect();
        self.room_for(ranges.len(), list)?;
        let mut names = sorted(inside.names);
        let names_left_out = sorted(outside.names);
        names.retain(|name| names_left_out.binary_search(name).is_err());
        let hosts = Hosts {
            ranges,
            names,
            left_out,
            names_left_out,
        };
        if hosts.is_empty() {
            let what = mistake!(
                of => "{of} can never match: all of its hosts are left out by 'without'",
                "{of} no puede aplicarse nunca: 'without' excluye todos sus equipos"
            );
            return Err(At::place(list, what));
        }
        pointless(&all, without, &hosts, &self.zones, reading);
        Ok(hosts)
    }

    fn members(&mut self, list: &List, reading: &mut Reading<'_>) -> Checked<Members> {
        let (mut members, mut networks) = (Members::default(), Vec::new());
        let mut seen = BTreeSet::new();
        for place in list {
            match Entry::read(place, &self.zones)? {
                Entry::Ranges(ranges) => {
                    never(place, &ranges, reading);
                    members.ranges.extend(&ranges);
                    networks.push(Network { place, ranges });
                }
                Entry::Name(name) if !seen.insert(name.clone()) => {
                    reading.warn(
                        place,
                        mistake!(
                            "'{name}' stands twice in this list; leave it out once",
                            "'{name}' está dos veces en esta lista; quítelo una vez",
                            name = name
                        ),
                    );
                }
                Entry::Name(name) => members.names.push(name),
                Entry::Group(name) => {
                    let group = self.groups.find(place, name)?;
                    members.ranges.extend(&group.ranges);
                    members.names.extend(group.names.iter().cloned());
                }
            }
            self.room_for(members.ranges.len(), place)?;
            if members.names.len() > self.names {
                let what = mistake!(
                    "more than {most} names from here on, those of groups counted wherever they are used; write networks instead",
                    "desde aquí, más de {most} nombres, contados los de los grupos dondequiera que se usen; escriba redes en su lugar",
                    most = MOST_NAMES
                );
                return Err(At::place(place, what));
            }
        }
        overlaps(&networks, reading.warnings);
        self.ranges -= members.ranges.len();
        self.names -= members.names.len();
        Ok(members)
    }

    fn room_for<T>(&self, ranges: usize, place: &Spanned<T>) -> Checked<()> {
        if ranges > self.ranges {
            let what = mistake!(
                "more than {most} ranges from here on, those of groups counted wherever they are used; write networks as prefixes",
                "desde aquí, más de {most} rangos, contados los de los grupos dondequiera que se usen; escriba las redes como prefijos",
                most = MOST_RANGES
            );
            return Err(At::place(place, what));
        }
        Ok(())
    }

    /// Groups that no rule and no exception names.
    pub(super) fn unused(&self, reading: &mut Reading<'_>) {
        self.groups.unused(reading);
    }

    pub(super) fn zones(self) -> Vec<String> {
        self.zones.names()
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}
