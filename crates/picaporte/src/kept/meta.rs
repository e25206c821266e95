//! What is known of a scan before its first probe: from a report's header to the store's own record, and back.

use std::collections::BTreeMap;
use std::sync::Arc;

use picaporte_store::{ScanId, ScanMeta, UnixMillis, Who};

use super::plan::{Beside, Cap, How, Told};
use super::{KeptError, Then, moment, plan};
use crate::report::{Header, Lowered, Scoped};
use crate::scope::ScopeFile;

/// The caps that a scope can lower, by the names of its file.
const LIMITS: [&str; 4] = ["rate", "host_rate", "max_inflight", "host_inflight"];

/// What a store is to keep of a scan that begins. `scope_text` is the scope file's whole text, where there is one.
///
/// # Errors
/// [`KeptError::Name`] if the header's id is no ULID; [`KeptError::OtherScope`] if the text is not that of the header's scope, so
/// that no scan is kept whose scope can't be read again.
pub fn meta(
    header: &Header,
    scope_text: Option<&str>,
    how: &How,
    who: Who,
) -> Result<ScanMeta, KeptError> {
    let beside = Beside {
        told: header.scope.as_deref().map(told),
        how: how.clone(),
    };
    let id = ScanId::parse(&header.id).ok_or_else(|| KeptError::Name(header.id.clone()))?;
    let zones = header.zones.iter();
    let zones: Vec<_> = zones
        .map(|(&number, name)| (number, name.clone()))
        .collect();
    same_scope(header, scope_text, &zones)?;
    Ok(ScanMeta {
        id,
        version: header.version.to_string(),
        started: UnixMillis(header.started.as_millisecond()),
        who,
        arguments: header.args.clone(),
        seed: header.plan.settings().seed,
        planned: header.plan.planned(),
        plan: plan::write(&header.plan, beside),
        scope: scope_text.map(str::to_owned),
        zones,
        targets: header.plan.planned_ranges(),
    })
}

/// The header of a scan that was kept: every report of it begins as it did.
///
/// # Errors
/// When plan or scope can't be read, or are none.
pub fn header(meta: &ScanMeta) -> Result<Header, KeptError> {
    begun(meta).map(|(header, _)| header)
}

/// The same; and from where it was asked, and what for.
///
/// # Errors
/// As [`header`].
pub fn begun(meta: &ScanMeta) -> Result<(Header, How), KeptError> {
    let (plan, Beside { told, how }) = plan::read(&meta.plan)?;
    let scope = meta.scope.as_deref();
    let scope = scope.map(|text| scoped(text, told.unwrap_or_default(), &meta.zones));
    let header = Header {
        id: meta.id.to_string(),
        version: meta.version.clone().into(),
        started: moment(meta.started).ok_or(KeptError::Moment(meta.started.0))?,
        args: meta.arguments.clone(),
        plan: Arc::new(plan),
        zones: meta.zones.iter().cloned().collect::<BTreeMap<_, _>>(),
        scope: scope.transpose()?.map(Arc::new),
        reverse: crate::report::Reverse::default(),
        identified: crate::report::Identified::default(),
        from: Some(meta.who.clone()),
    };
    if how.identify {
        header.identified.begin();
    }
    Ok((header, how))
}

fn same_scope(
    header: &Header,
    text: Option<&str>,
    zones: &[(u32, String)],
) -> Result<(), KeptError> {
    let read = text.map(|text| scoped(text, Told::default(), zones));
    let read = read.transpose()?.map(|scoped| scoped.file);
    let held = header.scope.as_ref().map(|scoped| &scoped.file.sha256);
    if read.as_ref().map(|file| &file.sha256) == held {
        Ok(())
    } else {
        Err(KeptError::OtherScope)
    }
}

fn told(scoped: &Scoped) -> Told {
    let cap = |lowered: &Lowered| Cap {
        limit: lowered.limit.to_owned(),
        asked: lowered.asked,
        allowed: lowered.allowed,
    };
    Told {
        path: scoped.path.clone(),
        lowered: scoped.lowered.iter().map(cap).collect(),
    }
}

fn scoped(text: &str, told: Told, zones: &[(u32, String)]) -> Result<Scoped, KeptError> {
    let file = ScopeFile::parse(text.as_bytes(), &Then { zones }).map_err(KeptError::Scope)?;
    let lowered = told.lowered.iter().map(|cap| {
        let limit = LIMITS.into_iter().find(|limit| *limit == cap.limit);
        let limit = limit.ok_or_else(|| KeptError::Plan(format!("'{}' is no cap", cap.limit)))?;
        Ok(Lowered {
            limit,
            asked: cap.asked,
            allowed: cap.allowed,
        })
    });
    Ok(Scoped {
        path: told.path,
        lowered: lowered.collect::<Result<_, KeptError>>()?,
        file: Arc::new(file),
    })
}
