//! `--since SCAN`: the earlier scan that pages are held against. It is read before anything is sent or written, so that a word
//! that names no scan costs nothing.

use std::path::Path;
use std::sync::Arc;

use anyhow::Result;
use picaporte_core::Plan;
use picaporte_diff::{Limits, Wanted};

use super::args::{KeptIn, Reports};
use super::files::is_standard;
use super::side;
use crate::report::Earlier;

/// What the scan says that was named, if one was.
///
/// # Errors
/// One sentence that names the flag, and the place in the file where there is one.
pub(crate) fn read(reports: &Reports, kept: &KeptIn) -> Result<Option<Arc<Earlier>>> {
    let Some(path) = &reports.since else {
        return Ok(None);
    };
    Ok(Some(Arc::new(Earlier {
        called: path.to_string_lossy().into_owned(),
        scan: side::read("--since", path, kept, Wanted::default())?,
    })))
}

/// The file that is read for it, with its flag; what names a kept scan is none that an output could be.
pub(crate) fn file(reports: &Reports) -> Option<(&'static str, &Path)> {
    let path = reports.since.as_deref()?;
    (!is_standard(path)).then_some(("--since", path))
}

/// That no more is to be scanned than can be compared.
///
/// # Errors
/// One sentence that says how much that is.
pub(crate) fn fits(reports: &Reports, plan: &Plan) -> Result<()> {
    let (planned, most) = (plan.planned_hosts(), Limits::default().hosts as u64);
    if reports.since.is_some() && planned > most {
        refuse!(
            |lang| "--since: {planned} hosts are planned, and at most {most} are compared at once; scan in parts (--shard), or leave it out",
            "--since: hay {planned} equipos previstos, y se comparan como mucho {most} de una vez; escanee por partes (--shard), o quítela",
            planned = lang.number(planned),
            most = lang.number(most)
        );
    }
    Ok(())
}
