//! From words to the plan: targets read, names resolved and pinned, exclusions taken out. What it
//! must ask of the machine and of name servers comes through [`Surroundings`].

use std::ffi::OsString;
use std::net::IpAddr;
use std::sync::Arc;

use anyhow::Result;
use picaporte_core::plan::PlanBuilder;
use picaporte_core::target::Lookup;
use picaporte_core::{Address, Plan, PlanError, Scope, Settings};

use super::args::ScanArgs;
use super::family::{self, Only};
use super::names::Resolve;
use super::scope;
use super::targets::{Found, Reader};
use crate::report;
use crate::words::errors::Spanish as _;
use crate::words::nouns::MORE_RANGES;
use crate::words::said::Said;
use pinning::Pinning;

mod pinning;
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
    pub(crate) warnings: Vec<Said>,
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
        refuse!(
            "--exclude-ports '{excluded}' leaves no port of --ports '{ports}'",
            "--exclude-ports '{excluded}' no deja ningún puerto de --ports '{ports}'",
            excluded = excluded,
            ports = args.ports
        );
    }
    builder.exclude_ports(excluded);
    Ok(())
}

/// Says what is missing better than the plan could, which knows only that it is empty.
fn something_is_left(
    found: &Found,
    pinned: usize,
    only: Option<&Only>,
    warnings: &[Said],
) -> Result<()> {
    if found.addresses > 0 || pinned > 0 {
        return Ok(());
    }
    if let Some(first) = warnings.first() {
        let more = in_brackets(found.names.len());
        refuse!(
            |lang| "no target is left: {first}{more}",
            "no queda ningún objetivo: {first}{more}",
            first = first.text(lang),
            more = more.text(lang)
        );
    }
    if let (Some(only), (n @ 1.., first)) = (only, &found.left_out) {
        let more = in_brackets(*n);
        refuse!(
            |lang| "{flag} leaves no target: it leaves out '{first}'{more}",
            "{flag} no deja ningún objetivo: excluye '{first}'{more}",
            flag = only.flag,
            first = first,
            more = more.text(lang)
        );
    }
    Err(PlanError::NoTarget.into())
}

/// How many there are beside the one that is named.
fn in_brackets(all: usize) -> Said {
    match all {
        0 | 1 => Said::default(),
        n => said!(" (and {n} more)", " (y {n} más)", n = n - 1),
    }
}

fn left_out(found: &Found, only: Option<&Only>) -> Option<Said> {
    let (n @ 1.., first) = &found.left_out else {
        return None;
    };
    let more = match *n {
        1 => Said::default(),
        n => said!(" and {n} more", " y {n} más", n = n - 1),
    };
    let flag = &only?.flag;
    Some(said!(
        |lang| "{flag} leaves out '{first}'{more}",
        "{flag} excluye '{first}'{more}",
        flag = flag,
        first = first,
        more = more.text(lang)
    ))
}

fn skipped(plan: &Plan) -> Option<Said> {
    let (first, more) = plan.skipped().split_first()?;
    let more = match more.len() {
        0 => Said::default(),
        n => said!(
            |lang| " and {more}",
            " y {more}",
            more = lang.count(n as u64, MORE_RANGES)
        ),
    };
    Some(said!(
        |lang| "skipped {first}{more}: multicast, broadcast and reserved addresses are never scanned",
        "se omite {first}{more}: las direcciones de multidifusión, de difusión y reservadas nunca se escanean",
        first = first,
        more = more.text(lang)
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
        PlanError::NothingLeft if !flags.is_empty() => {
            let flags = flags.join(", ");
            Said::new(|lang| format!("{flags}: {}", error.told(lang))).into()
        }
        PlanError::TooMany(_) => {
            Said::new(|lang| format!("TARGET, --ports: {}", error.told(lang))).into()
        }
        other => other.into(),
    }
}
