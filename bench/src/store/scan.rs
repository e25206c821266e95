//! What it costs a scan to be kept: the same scan with `--store FILE` and with `--store none`, in turns, in the namespaces of
//! the comparison with other scanners. Everything answers, so that nothing but this machine sets the pace.

use std::path::Path;

use anyhow::Result;

use crate::goals;
use crate::measure::{self, Turns};
use crate::network::Network;
use crate::program::Paths;
use crate::report;
use crate::row::Row;

const TIMEOUT_S: u64 = 120;

/// Runs both, in so many rounds. To be called while there is one thread.
pub(super) fn measure(picaporte: Option<&Path>, rounds: u16, folder: &Path) -> Result<String> {
    let paths = Paths {
        store: folder.join("scan.db"),
        ..Paths::find(picaporte)?
    };
    let network = Network::make()?;
    let turns = Turns {
        rounds,
        slow_rounds: rounds,
        timeout_s: TIMEOUT_S,
    };
    let result = measure::row(Row::Kept, &turns, &network, &paths)?;
    let verdicts = goals::judge(std::slice::from_ref(&result));
    Ok(format!(
        "{}\n{}",
        report::row_markdown(&result),
        report::goals_markdown(&verdicts)
    ))
}
