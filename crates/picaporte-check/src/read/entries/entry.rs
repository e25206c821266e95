//! One entry of a list of hosts.

use std::cell::RefCell;

use picaporte_core::target::{AddressRange, Lookup, Target, TargetError, What};
use picaporte_toml::{At, Checked, Mistake, Text, beyond, beyond_prefix, mistake};
use toml::Spanned;

/// What stands before a group's name.
pub(super) const GROUP: char = '@';

/// Zones are told apart by what they are called, as in scans; whether this machine has them does not matter.
#[derive(Default)]
pub(super) struct Zones(RefCell<Vec<String>>);

impl Zones {
    /// Their names, the first of which has the number 1.
    pub(super) fn names(self) -> Vec<String> {
        self.0.into_inner()
    }
}

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
pub(super) enum Entry<'a> {
    Ranges(Vec<AddressRange>),
    Name(String),
    Group(&'a str),
}

impl<'a> Entry<'a> {
    /// Reads one.
    pub(super) fn read(place: &'a Spanned<String>, zones: &Zones) -> Checked<Self> {
        let text = place.get_ref().trim();
        let wrong = |what: Text| At::place(place, what);
        if let Some(name) = text.strip_prefix(GROUP) {
            return Ok(Self::Group(name));
        }
        if text.contains('*') {
            return Err(wrong(mistake!(
                "'{text}' stands for names that can't be listed; write each name, or the network that they are in",
                "'{text}' representa nombres que no se pueden enumerar; escriba cada nombre, o la red en que están",
                text = text
            )));
        }
        let target = Target::parse(text, zones).map_err(|error| match error {
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
            What::Name(name) => return Ok(Self::Name(name)),
            What::One(address) => vec![address.range()],
            What::Many(ranges) => ranges,
        };
        if let Some(meant) = beyond_prefix(text, &ranges) {
            return Err(wrong(beyond(text, &meant)));
        }
        Ok(Self::Ranges(ranges))
    }
}
