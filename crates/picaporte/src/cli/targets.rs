//! What the words of a command line and of list files stand for: addresses, and names still to be
//! resolved. It resolves nothing and counts nothing; the plan is made in [`planning`](super::planning).

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::path::PathBuf;

use anyhow::{Context as _, Result};
use picaporte_core::PortSet;
use picaporte_core::plan::PlanBuilder;
use picaporte_core::target::{AddressRange, Lookup, Target, What};

use super::family::{Family, Only};
use super::words;

/// The most targets that are kept one by one: a bound on memory (about 1 GiB), not on the plan.
const MOST: usize = 10_000_000;

/// How to read targets.
pub(crate) struct Reader<'a> {
    /// What only this machine knows.
    pub(crate) lookup: &'a dyn Lookup,
    /// Only this family.
    pub(crate) only: Option<&'a Only>,
    /// The zone of link-local addresses that name none: that of `--interface`.
    pub(crate) zone: Option<u32>,
}

/// Names, each with the ports it is to be asked on (`None`: those of the scan).
pub(crate) type Names = BTreeMap<String, Vec<Option<PortSet>>>;

/// What was read.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The names.
    pub(crate) names: Names,
    /// How many words there were in all.
    pub(crate) words: usize,
    /// How many of them were addresses to be scanned.
    pub(crate) addresses: usize,
    /// How many were left out because of their family, and the first of them.
    pub(crate) left_out: (usize, String),
}

impl Reader<'_> {
    /// Reads what is to be scanned; addresses go into the plan at once.
    ///
    /// # Errors
    /// The first word that is refused, with the file and line it stands on.
    pub(crate) fn targets(
        &self,
        given: &[String],
        files: &[PathBuf],
        plan: &mut PlanBuilder,
    ) -> Result<Found> {
        let mut found = Found::default();
        let mut take = |word: &str| self.take(word, plan, &mut found);
        given.iter().try_for_each(|word| take(word))?;
        for file in files {
            words::each(file, &mut take).context("--targets-file")?;
        }
        Ok(found)
    }

    /// Reads what is to be left out: the addresses go into the plan, the names come back.
    ///
    /// # Errors
    /// As [`targets`](Self::targets).
    pub(crate) fn exclusions(
        &self,
        given: &[String],
        files: &[PathBuf],
        plan: &mut PlanBuilder,
    ) -> Result<Vec<String>> {
        let mut names = Vec::new();
        let mut take = |word: &str| self.leave_out(word, plan, &mut names);
        given
            .iter()
            .try_for_each(|word| take(word))
            .context("--exclude")?;
        for file in files {
            words::each(file, &mut take).context("--exclude-file")?;
        }
        Ok(names)
    }

    fn take(&self, word: &str, plan: &mut PlanBuilder, found: &mut Found) -> Result<()> {
        let mut target = Target::parse(word, self.lookup)?;
        found.words += 1;
        if found.words > MOST {
            refuse!(
                "more than {most} targets; write them as prefixes",
                "más de {most} objetivos; escríbalos como prefijos",
                most = MOST
            );
        }
        if let What::Name(name) = target.what {
            found.names.entry(name).or_default().push(target.ports);
            return Ok(());
        }
        if self.is_left_out(&target.what) {
            found.left_out.0 += 1;
            if found.left_out.0 == 1 {
                word.clone_into(&mut found.left_out.1);
            }
            return Ok(());
        }
        self.fill_zone(&mut target.what, word)?;
        found.addresses += 1;
        Ok(plan.target(&target)?)
    }

    fn leave_out(&self, word: &str, plan: &mut PlanBuilder, names: &mut Vec<String>) -> Result<()> {
        let target = Target::parse(word, self.lookup)?;
        if target.ports.is_some() {
            refuse!(
                "'{word}' has a port; leave addresses out by themselves, ports by --exclude-ports",
                "'{word}' lleva un puerto; excluya las direcciones solas, y los puertos con --exclude-ports",
                word = word
            );
        }
        match target.what {
            What::One(address) => plan.exclude([address.range()]),
            What::Many(ranges) => plan.exclude(ranges),
            What::Name(name) => names.push(name),
        }
        Ok(())
    }

    fn is_left_out(&self, what: &What) -> bool {
        let v6 = match what {
            What::One(address) => address.ip.is_ipv6(),
            What::Many(ranges) => ranges.first().is_some_and(|r| r.v6),
            What::Name(_) => return false,
        };
        self.only
            .is_some_and(|only| (only.family == Family::V6) != v6)
    }

    /// RFC 4007, section 6: a link-local address means nothing without its zone.
    fn fill_zone(&self, what: &mut What, word: &str) -> Result<()> {
        let zone = || {
            self.zone.ok_or_else(|| {
                said!(
                    "'{word}' is link-local and needs a zone, like %eth0, or --interface",
                    "'{word}' es de enlace local y necesita una zona, como %eth0, o --interface",
                    word = word
                )
            })
        };
        match what {
            What::One(address) if address.scope == 0 && is_link_local(&address.range()) => {
                address.scope = zone()?;
            }
            What::Many(ranges) => {
                for range in ranges
                    .iter_mut()
                    .filter(|r| r.scope == 0 && is_link_local(r))
                {
                    range.scope = zone()?;
                }
            }
            _ => {}
        }
        Ok(())
    }
}

/// Whether a range begins in `fe80::/10` (RFC 4291, section 2.5.6).
fn is_link_local(range: &AddressRange) -> bool {
    matches!(range.nth(0).ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}
