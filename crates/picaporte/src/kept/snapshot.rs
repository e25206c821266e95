//! A kept scan as it is compared with another one: what a file of it would say, without the file.

use picaporte_diff::{Limits, Note, Place, Snapshot, Wanted};

use super::{KeptError, Replay};
use crate::snapshot::Taking;

/// What a kept scan says.
///
/// # Errors
/// When the store can't be read, or what it keeps of the scan is none, or takes more than the limits allow.
pub fn snapshot(
    replay: &Replay<'_>,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Snapshot, KeptError> {
    let header = replay.header();
    let mut taking = Taking::begin(header, wanted, limits)?;
    let mut full = Ok(());
    let trailer = replay.tell(&mut |finding| {
        if full.is_ok() {
            full = taking.finding(header, finding);
        }
    })?;
    full?;
    let cut = (!replay.has_ended()).then_some(Note::Cut(Place::Whole));
    Ok(taking.end(&trailer.account.tally, cut)?)
}
