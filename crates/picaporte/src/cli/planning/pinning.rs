//! Names on their way into a plan: each answered once, with what must be told of it.

use std::net::IpAddr;

use anyhow::Result;
use picaporte_core::plan::PlanBuilder;
use picaporte_core::target::never_scanned;
use picaporte_core::{Address, Scope};

use super::super::names::Answer;
use super::super::scope::Given;
use super::super::targets::Names;
use super::{Pins, Surroundings};
use crate::words::said::Said;

/// Names and what is known of them, on their way into a plan.
pub(super) struct Pinning<'a, 'b> {
    /// Sorted.
    pub(super) names: &'a [String],
    /// One for each name.
    pub(super) answers: &'a [Answer],
    pub(super) around: &'a Surroundings<'b>,
    pub(super) builder: &'a mut PlanBuilder,
    pub(super) warnings: Vec<Said>,
}

impl<'a> Pinning<'a, '_> {
    fn answer(&self, name: &str) -> Option<&'a Answer> {
        let place = self.names.binary_search_by(|n| n.as_str().cmp(name)).ok()?;
        self.answers.get(place)
    }

    /// An exclusion that can't be carried out must not be passed over.
    pub(super) fn exclude(&mut self, excluded: &[String]) -> Result<()> {
        for name in excluded {
            let answer = self
                .answer(name)
                .filter(|a| !a.addresses.is_empty() && a.trouble.is_none());
            let why = || {
                self.answer(name)
                    .and_then(|a| a.trouble.clone())
                    .unwrap_or_default()
            };
            let answer = answer.ok_or_else(|| {
                let why = why();
                said!(
                    |lang| "--exclude: the name '{name}' can't be left out, it does not resolve: {why}",
                    "--exclude: el nombre '{name}' no se puede excluir, pues no se resuelve: {why}",
                    name = name,
                    why = why.text(lang)
                )
            })?;
            self.builder
                .exclude(answer.addresses.iter().map(|&ip| Address::new(ip).range()));
        }
        Ok(())
    }

    /// What a scope allows, with its names pinned by the same answers as the targets.
    pub(super) fn scope(&mut self, given: &Given) -> Result<(Scope, Pins)> {
        self.warnings.extend(given.warnings());
        for name in &given.file.excluded.names {
            let answer = self.answer(name).cloned().unwrap_or_default();
            if answer.addresses.is_empty() || answer.trouble.is_some() {
                let why = answer.trouble.unwrap_or_default();
                return Err(given.says(&cant_be_excluded(name, &why)).into());
            }
        }
        for name in &given.file.allowed.names {
            let answer = self.answer(name).cloned().unwrap_or_default();
            let others = answer
                .addresses
                .iter()
                .filter(|&&ip| !crate::scope::lets_in(name, ip));
            self.warnings.extend(others.map(|ip| {
                given.says(&said!(
                    "'{name}' resolves to {ip}, which no name lets in; allow it below networks, if it is meant",
                    "'{name}' se resuelve a {ip}, que ningún nombre permite; permítala en networks, si es lo que quiere",
                    name = name,
                    ip = ip
                ))
            }));
            if answer.addresses.is_empty() {
                self.warnings.push(given.says(&said!(
                    "'{name}' does not resolve, so it allows nothing in this scan",
                    "'{name}' no se resuelve, así que no permite nada en este escaneo",
                    name = name
                )));
            }
        }
        let addresses = |name: &str| {
            self.answer(name)
                .map_or_else(Vec::new, |a| a.addresses.clone())
        };
        let pins = given
            .file
            .names()
            .map(|name| (name.to_owned(), addresses(name)));
        Ok((given.file.scope(&addresses), pins.collect()))
    }

    /// Adds every name with every address; how many names have one.
    pub(super) fn add(&mut self, wanted: &Names) -> Result<usize> {
        let mut pinned = 0;
        for (name, ports) in wanted {
            let answer = self.answer(name).cloned().unwrap_or_default();
            let addresses = self.usable(name, &answer);
            pinned += usize::from(!addresses.is_empty());
            self.warn(name, &answer, addresses.is_empty());
            for ports in ports {
                self.builder.name(name, &addresses, ports.as_ref())?;
            }
        }
        Ok(pinned)
    }

    /// What a name server says is not what a user wrote: an address that is never scanned is
    /// dropped with a warning, and does not end the scan of others.
    fn usable(&mut self, name: &str, answer: &Answer) -> Vec<Address> {
        let mut usable = Vec::new();
        for &ip in &answer.addresses {
            match never(ip, &self.around.broadcasts) {
                None => usable.push(Address::new(ip)),
                Some(why) => self.warnings.push(said!(
                    |lang| "'{name}' resolves to {ip}, {why}: left out",
                    "'{name}' se resuelve a {ip}, {why}: queda fuera",
                    name = name,
                    ip = ip,
                    why = why.text(lang)
                )),
            }
        }
        usable
    }

    fn warn(&mut self, name: &str, answer: &Answer, unresolved: bool) {
        match &answer.trouble {
            Some(trouble) if unresolved => self.warnings.push(said!(
                |lang| "'{name}' does not resolve: {why}",
                "'{name}' no se resuelve: {why}",
                name = name,
                why = trouble.text(lang)
            )),
            Some(trouble) => {
                let says = Said::new(|lang| format!("'{name}': {}", trouble.text(lang)));
                self.warnings.push(says);
            }
            None if answer.addresses.is_empty() => self.warnings.push(said!(
                "'{name}' does not resolve",
                "'{name}' no se resuelve",
                name = name
            )),
            None => {}
        }
    }
}

fn cant_be_excluded(name: &str, why: &Said) -> Said {
    said!(
        |lang| "the name '{name}' can't be excluded, it does not resolve: {why}",
        "el nombre '{name}' no se puede excluir, pues no se resuelve: {why}",
        name = name,
        why = why.text(lang)
    )
}

fn never(ip: IpAddr, broadcasts: &[Address]) -> Option<Said> {
    let range = Address::new(ip).range();
    if matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()) {
        return Some(said!(
            "which is link-local and has no zone",
            "que es de enlace local y no tiene zona"
        ));
    }
    let never = never_scanned()
        .into_iter()
        .chain(broadcasts.iter().map(|b| b.range()));
    never
        .into_iter()
        .any(|n| n.overlaps(&range))
        .then(|| said!("which is never scanned", "que nunca se escanea"))
}
