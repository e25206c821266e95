//! Lists of hosts that have a name, by which other lists name them.

use std::collections::BTreeMap;

use picaporte_toml::{At, Checked, mistake};
use toml::Spanned;

use super::entry::GROUP;
use super::{Members, Reading};
use crate::MOST_RULES;

/// Groups as they are written.
pub(super) type Raw = BTreeMap<Spanned<String>, Spanned<Vec<Spanned<String>>>>;

struct Group<'a> {
    place: &'a Spanned<String>,
    members: Members,
    used: bool,
}

/// Those of a policy.
#[derive(Default)]
pub(super) struct Groups<'a> {
    all: BTreeMap<&'a str, Group<'a>>,
    /// Whether all are known; one can't hold another.
    complete: bool,
}

impl<'a> Groups<'a> {
    /// All groups, with whom `members` finds in their lists.
    pub(super) fn read(
        raw: &'a Raw,
        mut members: impl FnMut(&'a [Spanned<String>]) -> Checked<Members>,
    ) -> Checked<Self> {
        let mut all = BTreeMap::new();
        for (place, list) in raw {
            let name = name(place, list, all.len())?;
            let group = Group {
                place,
                members: members(list.get_ref())?,
                used: false,
            };
            all.insert(name, group);
        }
        Ok(Self {
            all,
            complete: true,
        })
    }

    /// The one of this name, which is used from now on.
    pub(super) fn find(&mut self, place: &Spanned<String>, name: &str) -> Checked<&Members> {
        if let Some(group) = self.all.get_mut(name) {
            group.used = true;
        }
        let known = || {
            let names: Vec<&str> = self.all.keys().take(12).copied().collect();
            match names[..] {
                _ if !self.complete => mistake!(
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
        let group = self.all.get(name);
        group
            .map(|group| &group.members)
            .ok_or_else(|| At::place(place, known()))
    }

    /// Groups that no rule and no exception names.
    pub(super) fn unused(&self, reading: &mut Reading<'_>) {
        for (name, group) in &self.all {
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
}

/// The name of a group that can be meant, with so many before it.
fn name<'a>(
    place: &'a Spanned<String>,
    list: &Spanned<Vec<Spanned<String>>>,
    before: usize,
) -> Checked<&'a str> {
    let name = place.get_ref().as_str();
    if before == MOST_RULES {
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
    Ok(name)
}
