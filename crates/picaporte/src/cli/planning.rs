//! From words to the plan: targets read, names resolved and pinned, exclusions taken out. What it
//! must ask of the machine and of name servers comes through [`Surroundings`].

use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use picaporte_core::plan::PlanBuilder;
use picaporte_core::target::{Lookup, never_scanned};
use picaporte_core::{Address, Plan, PlanError, Scope, Settings};

use super::args::ScanArgs;
use super::family::{self, Only};
use super::names::{Answer, Resolve};
use super::scope::{self, Given};
use super::targets::{Found, Names, Reader};
use super::text::counted;
use crate::report;

#[cfg(test)]
mod tests;

/// What is asked of the world around.
pub(crate) struct Surroundings<'a> {
    /// Service names and zones.
    pub(crate) lookup: &'a dyn Lookup,
    /// The broadcast addresses of this machine's interfaces.
    pub(crate) broadcasts: Vec<Address>,
    /// Names.
    pub(crate) resolver: &'a dyn Resolve,
    /// The variable that names a scope file.
    pub(crate) scope: Option<OsString>,
}

/// A plan, and how it came about.
#[derive(Debug)]
pub(crate) struct Planned {
    /// The plan.
    pub(crate) plan: Plan,
    /// How many names were resolved.
    pub(crate) names: usize,
    /// What may be asked, if a scope was set.
    pub(crate) scope: Option<Scoped>,
    /// What the user is told once.
    pub(crate) warnings: Vec<String>,
}

/// A scope with its names pinned, and what reports tell of it.
#[derive(Clone, Debug)]
pub(crate) struct Scoped {
    pub(crate) scope: Arc<Scope>,
    pub(crate) told: Arc<report::Scoped>,
    /// The file's text, and what its names were pinned to.
    pub(crate) text: Arc<str>,
    pub(crate) pins: Pins,
}

/// Names and the addresses that they were pinned to.
pub(crate) type Pins = Vec<(String, Vec<IpAddr>)>;

/// Makes the plan.
///
/// # Errors
/// One sentence that names the flag, or the file and line, and the offending text.
pub(crate) fn plan(
    args: &ScanArgs,
    settings: Settings,
    around: &Surroundings<'_>,
) -> Result<Planned> {
    let only = family::only(args)?;
    let reader = Reader {
        lookup: around.lookup,
        only: only.as_ref(),
        zone: args
            .interface
            .as_deref()
            .and_then(|name| around.lookup.zone(name)),
    };
    let mut builder = Plan::builder(args.ports.clone());
    builder.settings(settings);
    builder.never(around.broadcasts.iter().copied());
    exclude_ports(args, &mut builder)?;
    let excluded = reader.exclusions(&args.exclude, &args.exclude_file, &mut builder)?;
    let found = reader.targets(&args.targets, &args.targets_file, &mut builder)?;

    let given = scope::given(
        args.allowed.scope.as_deref(),
        around.scope.clone(),
        around.lookup,
    )?;
    let in_scope = given.iter().flat_map(|given| given.file.names());
    let mut names: Vec<String> = found.names.keys().chain(&excluded).cloned().collect();
    names.extend(in_scope.map(str::to_owned));
    names.sort_unstable();
    names.dedup();
    let answers = around
        .resolver
        .resolve(&names, only.as_ref().map(|o| o.family));
    let mut pinning = Pinning {
        names: &names,
        answers: &answers,
        around,
        builder: &mut builder,
        warnings: Vec::new(),
    };
    pinning.exclude(&excluded)?;
    let pinned = pinning.add(&found.names)?;
    let mut warnings = std::mem::take(&mut pinning.warnings);
    something_is_left(&found, pinned, only.as_ref(), &warnings)?;
    let scope = given
        .as_ref()
        .map(|given| pinning.scope(given))
        .transpose()?;
    warnings.append(&mut pinning.warnings);
    warnings.extend(left_out(&found, only.as_ref()));
    let mut plan = builder.build().map_err(|e| explained(e, args))?;
    warnings.extend(skipped(&plan));
    let scope = given.zip(scope).map(|(given, (scope, pins))| Scoped {
        text: given.text.clone(),
        pins,
        told: Arc::new(given.told(plan.settings().pace)),
        scope: Arc::new(scope),
    });
    if let Some(scoped) = &scope {
        plan = plan.within(&scoped.scope);
    }
    Ok(Planned {
        plan,
        names: names.len(),
        scope,
        warnings,
    })
}

fn exclude_ports(args: &ScanArgs, builder: &mut PlanBuilder) -> Result<()> {
    let Some(excluded) = &args.exclude_ports else {
        return Ok(());
    };
    let all_of_scan = args.ports.minus(excluded).is_empty();
    if all_of_scan && !args.targets.iter().any(|t| t.contains(':')) && args.targets_file.is_empty()
    {
        bail!(
            "--exclude-ports '{excluded}' leaves no port of --ports '{}'",
            args.ports
        );
    }
    builder.exclude_ports(excluded);
    Ok(())
}

/// Names and what is known of them, on their way into a plan.
struct Pinning<'a, 'b> {
    /// Sorted.
    names: &'a [String],
    /// One for each name.
    answers: &'a [Answer],
    around: &'a Surroundings<'b>,
    builder: &'a mut PlanBuilder,
    warnings: Vec<String>,
}

impl<'a> Pinning<'a, '_> {
    fn answer(&self, name: &str) -> Option<&'a Answer> {
        let place = self.names.binary_search_by(|n| n.as_str().cmp(name)).ok()?;
        self.answers.get(place)
    }

    /// An exclusion that can't be carried out must not be passed over.
    fn exclude(&mut self, excluded: &[String]) -> Result<()> {
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
                anyhow!(
                    "--exclude: the name '{name}' can't be left out, it does not resolve: {}",
                    why()
                )
            })?;
            self.builder
                .exclude(answer.addresses.iter().map(|&ip| Address::new(ip).range()));
        }
        Ok(())
    }

    /// What a scope allows, with its names pinned by the same answers as the targets.
    fn scope(&mut self, given: &Given) -> Result<(Scope, Pins)> {
        self.warnings.extend(given.warnings());
        for name in &given.file.excluded.names {
            let answer = self.answer(name).cloned().unwrap_or_default();
            if answer.addresses.is_empty() || answer.trouble.is_some() {
                let why = answer.trouble.unwrap_or_default();
                let what =
                    format!("the name '{name}' can't be excluded, it does not resolve: {why}");
                bail!("{}", given.says(&what));
            }
        }
        for name in &given.file.allowed.names {
            let answer = self.answer(name).cloned().unwrap_or_default();
            let others = answer
                .addresses
                .iter()
                .filter(|&&ip| !crate::scope::lets_in(name, ip));
            self.warnings.extend(others.map(|ip| {
                given.says(&format!(
                    "'{name}' resolves to {ip}, which no name lets in; allow it below networks, if it is meant"
                ))
            }));
            if answer.addresses.is_empty() {
                let what = format!("'{name}' does not resolve, so it allows nothing in this scan");
                self.warnings.push(given.says(&what));
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
    fn add(&mut self, wanted: &Names) -> Result<usize> {
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
                Some(why) => self
                    .warnings
                    .push(format!("'{name}' resolves to {ip}, {why}: left out")),
            }
        }
        usable
    }

    fn warn(&mut self, name: &str, answer: &Answer, unresolved: bool) {
        match &answer.trouble {
            Some(trouble) if unresolved => {
                self.warnings
                    .push(format!("'{name}' does not resolve: {trouble}"));
            }
            Some(trouble) => self.warnings.push(format!("'{name}': {trouble}")),
            None if answer.addresses.is_empty() => {
                self.warnings.push(format!("'{name}' does not resolve"));
            }
            None => {}
        }
    }
}

fn never(ip: IpAddr, broadcasts: &[Address]) -> Option<&'static str> {
    let range = Address::new(ip).range();
    if matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local()) {
        return Some("which is link-local and has no zone");
    }
    let never = never_scanned()
        .into_iter()
        .chain(broadcasts.iter().map(|b| b.range()));
    never
        .into_iter()
        .any(|n| n.overlaps(&range))
        .then_some("which is never scanned")
}

/// Says what is missing better than the plan could, which knows only that it is empty.
fn something_is_left(
    found: &Found,
    pinned: usize,
    only: Option<&Only>,
    warnings: &[String],
) -> Result<()> {
    if found.addresses > 0 || pinned > 0 {
        return Ok(());
    }
    let more = |n: usize| {
        if n > 1 {
            format!(" (and {} more)", n - 1)
        } else {
            String::new()
        }
    };
    if let Some(first) = warnings.first() {
        bail!("no target is left: {first}{}", more(found.names.len()));
    }
    if let (Some(only), (n @ 1.., first)) = (only, &found.left_out) {
        bail!(
            "{} leaves no target: it leaves out '{first}'{}",
            only.flag,
            more(*n)
        );
    }
    bail!("{}", PlanError::NoTarget)
}

fn left_out(found: &Found, only: Option<&Only>) -> Option<String> {
    let (n @ 1.., first) = &found.left_out else {
        return None;
    };
    let flag = &only?.flag;
    let more = if *n > 1 {
        format!(" and {} more", n - 1)
    } else {
        String::new()
    };
    Some(format!("{flag} leaves out '{first}'{more}"))
}

fn skipped(plan: &Plan) -> Option<String> {
    let (first, more) = plan.skipped().split_first()?;
    let more = match more.len() {
        0 => String::new(),
        n => format!(" and {}", counted(n as u64, "more range")),
    };
    Some(format!(
        "skipped {first}{more}: multicast, broadcast and reserved addresses are never scanned"
    ))
}

fn explained(error: PlanError, args: &ScanArgs) -> anyhow::Error {
    let flags: Vec<&str> = [
        (!args.exclude.is_empty(), "--exclude"),
        (!args.exclude_file.is_empty(), "--exclude-file"),
        (args.exclude_ports.is_some(), "--exclude-ports"),
    ]
    .into_iter()
    .filter_map(|(given, flag)| given.then_some(flag))
    .collect();
    match error {
        PlanError::NothingLeft if !flags.is_empty() => anyhow!("{}: {error}", flags.join(", ")),
        PlanError::TooMany(_) => anyhow!("TARGET, --ports: {error}"),
        other => other.into(),
    }
}
