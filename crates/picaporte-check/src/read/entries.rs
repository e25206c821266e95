//! Lists of hosts: addresses, networks, names and groups, each entry where it stands.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use picaporte_core::target::{
    AddressRange, Lookup, Target, TargetError, What, less, merged, never_scanned,
};
use picaporte_toml::{
    At, Checked, Mistake, Network, Text, beyond, beyond_prefix, mistake, overlaps,
};
use toml::Spanned;

use super::Reading;
use crate::hosts::Hosts;
use crate::{MOST_NAMES, MOST_RANGES, MOST_RULES};

/// What stands before a group's name.
const GROUP: char = '@';

type List = [Spanned<String>];
type Groups = BTreeMap<Spanned<String>, Spanned<Vec<Spanned<String>>>>;

/// The hosts of a list, before what is left out has been taken away.
#[derive(Clone, Debug, Default)]
struct Members {
    ranges: Vec<AddressRange>,
    names: Vec<String>,
}

struct Group<'a> {
    place: &'a Spanned<String>,
    members: Members,
    used: bool,
}

/// Reads lists; it knows the groups and what there is room for.
pub(super) struct Entries<'a> {
    groups: BTreeMap<&'a str, Group<'a>>,
    /// Whether all groups are known; one can't hold another.
    all_groups: bool,
    zones: Zones,
    ranges: usize,
    names: usize,
}

/// Zones are told apart by what they are called, as in scans; whether this machine has them does not matter.
#[derive(Default)]
struct Zones(RefCell<Vec<String>>);

impl Lookup for Zones {
    fn service(&self, _: &str) -> Option<Vec<u16>> {
        None
    }

    fn zone(&self, name: &str) -> Option<u32> {
        let mut names = self.0.borrow_mut();
        if name.is_empty() {
            return None;
        }
        let at = names.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| {
            names.push(name.to_owned());
            names.len() - 1
        });
        Some(at as u32 + 1)
    }
}

/// What one entry stands for.
enum Entry<'a> {
    Ranges(Vec<AddressRange>),
    Name(String),
    Group(&'a str),
}

impl<'a> Entries<'a> {
    pub(super) fn new(raw: &'a Groups, reading: &mut Reading<'_>) -> Checked<Self> {
        let mut entries = Self {
            groups: BTreeMap::new(),
            all_groups: false,
            zones: Zones::default(),
            ranges: MOST_RANGES,
            names: MOST_NAMES,
        };
        let mut groups = BTreeMap::new();
        for (place, list) in raw {
            let name = place.get_ref().as_str();
            if groups.len() == MOST_RULES {
                let what = mistake!(
                    "more than {most} groups; write a policy for each part",
                    "más de {most} grupos; escriba una política para cada parte",
                    most = MOST_RULES
                );
                return Err(At::place(place, what));
            }
            if name.trim().is_empty() || name.starts_with(GROUP) {
                let what = mistake!(
                    "'{name}' is no name for a group; write it without '{group}', which stands where the group is used",
                    "'{name}' no es nombre para un grupo; escríbalo sin '{group}', que va donde se usa el grupo",
                    name = name,
                    group = GROUP
                );
                return Err(At::place(place, what));
            }
            if list.get_ref().is_empty() {
                let what = mistake!(
                    "the group '{name}' has no hosts, so that its rules can never match; write some, or take it out",
                    "el grupo '{name}' no tiene equipos, así que sus reglas no pueden aplicarse nunca; escriba alguno, o quítelo",
                    name = name
                );
                return Err(At::place(list, what));
            }
            let members = entries.members(list.get_ref(), reading)?;
            let used = false;
            groups.insert(
                name,
                Group {
                    place,
                    members,
                    used,
                },
            );
        }
        entries.groups = groups;
        entries.all_groups = true;
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
            let what = of.with(
                |of| {
                    format!(
                        "{of} has no hosts, so that it can never match; write hosts = [\"192.0.2.0/24\"]"
                    )
                },
                |of| {
                    format!(
                        "{of} no tiene equipos, así que no puede aplicarse nunca; escriba hosts = [\"192.0.2.0/24\"]"
                    )
                },
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
            let what = of.with(
                |of| format!("{of} can never match: all of its hosts are left out by 'without'"),
                |of| format!("{of} no puede aplicarse nunca: 'without' excluye todos sus equipos"),
            );
            return Err(At::place(list, what));
        }
        self.pointless(&all, without, &hosts, reading);
        Ok(hosts)
    }

    /// What is left out of a list that does not have it.
    fn pointless(
        &self,
        all: &[AddressRange],
        without: &List,
        hosts: &Hosts,
        reading: &mut Reading<'_>,
    ) {
        // A host that is known by a name may have any address, and the other way round.
        if !hosts.names.is_empty() {
            return;
        }
        for place in without {
            let Ok(Entry::Ranges(ranges)) = self.entry(place) else {
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

    fn members(&mut self, list: &List, reading: &mut Reading<'_>) -> Checked<Members> {
        let (mut members, mut networks) = (Members::default(), Vec::new());
        let mut seen = BTreeSet::new();
        for place in list {
            match self.entry(place)? {
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
                    let group = self.group(place, name)?;
                    members.ranges.extend(&group.members.ranges);
                    members.names.extend(group.members.names.iter().cloned());
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

    fn group(&mut self, place: &Spanned<String>, name: &str) -> Checked<&Group<'a>> {
        if let Some(group) = self.groups.get_mut(name) {
            group.used = true;
        }
        let known = || {
            let names: Vec<&str> = self.groups.keys().take(12).copied().collect();
            match names[..] {
                _ if !self.all_groups => mistake!(
                    "'{group}{name}' can't stand in a group: groups hold hosts alone; write them here too",
                    "'{group}{name}' no puede estar en un grupo: los grupos solo contienen equipos; escríbalos también aquí",
                    group = GROUP,
                    name = name
                ),
                [] => mistake!(
                    "there is no group '{name}', and no other; write it under [groups]",
                    "no hay ningún grupo '{name}', ni ningún otro; escríbalo en [groups]",
                    name = name
                ),
                _ => mistake!(
                    "there is no group '{name}'; there are {names}",
                    "no hay ningún grupo '{name}'; los hay {names}",
                    name = name,
                    names = names.join(", ")
                ),
            }
        };
        self.groups
            .get(name)
            .ok_or_else(|| At::place(place, known()))
    }

    fn entry<'b>(&self, place: &'b Spanned<String>) -> Checked<Entry<'b>> {
        let text = place.get_ref().trim();
        let wrong = |what: Text| At::place(place, what);
        if let Some(name) = text.strip_prefix(GROUP) {
            return Ok(Entry::Group(name));
        }
        if text.contains('*') {
            return Err(wrong(mistake!(
                "'{text}' stands for names that can't be listed; write each name, or the network that they are in",
                "'{text}' representa nombres que no se pueden enumerar; escriba cada nombre, o la red en que están",
                text = text
            )));
        }
        let target = Target::parse(text, &self.zones).map_err(|error| match error {
            TargetError::Empty => wrong(mistake!(
                "an empty host; write an address, a network, a name, or a group like @web",
                "un equipo vacío; escriba una dirección, una red, un nombre, o un grupo como @web"
            )),
            TargetError::NoZone { .. } => wrong(mistake!(
                "the zone of '{text}' is empty; write it like fe80::1%eth0, or leave it out for every link",
                "la zona de '{text}' está vacía; escríbala como fe80::1%eth0, o quítela para todos los enlaces",
                text = text
            )),
            error => At::place(place, Mistake::from(error)),
        })?;
        if target.ports.is_some() {
            return Err(wrong(mistake!(
                "'{text}' has a port; write the host alone, and ports where they are asked for",
                "'{text}' lleva un puerto; escriba el equipo solo, y los puertos donde se piden",
                text = text
            )));
        }
        let ranges = match target.what {
            What::Name(name) => return Ok(Entry::Name(name)),
            What::One(address) => vec![address.range()],
            What::Many(ranges) => ranges,
        };
        if let Some(meant) = beyond_prefix(text, &ranges) {
            return Err(wrong(beyond(text, &meant)));
        }
        Ok(Entry::Ranges(ranges))
    }

    /// Groups that no rule and no exception names.
    pub(super) fn unused(&self, reading: &mut Reading<'_>) {
        for (name, group) in &self.groups {
            if !group.used {
                let what = mistake!(
                    "no rule and no exception names the group '{name}'; write {group}{name} where it is meant, or take it out",
                    "ninguna regla ni excepción nombra el grupo '{name}'; escriba {group}{name} donde corresponda, o quítelo",
                    name = name,
                    group = GROUP
                );
                reading.warn(group.place, what);
            }
        }
    }

    pub(super) fn zones(self) -> Vec<String> {
        self.zones.0.into_inner()
    }
}

fn sorted(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}

/// What is never scanned is in no scan.
fn never(place: &Spanned<String>, ranges: &[AddressRange], reading: &mut Reading<'_>) {
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
