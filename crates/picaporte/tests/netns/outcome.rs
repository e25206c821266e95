//! What a finished scan left behind, and failures that show it: command, exit code, both outputs. Knows nothing of
//! how the scan was run.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::{Debug, Display, Write as _};
use std::net::IpAddr;

use libtest_mimic::Failed;

use crate::report::Report;

/// As much of an output as a failure message quotes.
const QUOTED_CHARS: usize = 3000;

/// What a finished scan left.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) command: String,
    pub(crate) code: Option<i32>,
    pub(crate) signal: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Outcome {
    /// A failure that says what is wrong and shows command, exit code and output.
    pub(crate) fn fail(&self, why: impl Display) -> Failed {
        let mut text = format!(
            "{why}\n  command: {}\n  exit code: {:?}, signal: {:?}\n",
            self.command, self.code, self.signal
        );
        for (name, output) in [
            ("standard error", &self.stderr),
            ("standard output", &self.stdout),
        ] {
            let quoted: String = output.chars().take(QUOTED_CHARS).collect();
            let more = if quoted.len() < output.len() {
                " …"
            } else {
                ""
            };
            let _ = writeln!(text, "  {name}: {}{more}", quoted.trim_end());
        }
        text.into()
    }

    /// Fails with `why` unless `holds`.
    pub(crate) fn must(&self, holds: bool, why: impl Display) -> Result<(), Failed> {
        if holds { Ok(()) } else { Err(self.fail(why)) }
    }

    pub(crate) fn must_exit(&self, code: i32) -> Result<(), Failed> {
        self.must(
            self.code == Some(code),
            format_args!("exit code {code} expected"),
        )
    }

    /// Standard output as JSON Lines, checked to add up.
    pub(crate) fn report(&self) -> Result<Report, Failed> {
        let report = Report::parse(&self.stdout).map_err(|why| self.fail(why))?;
        report.account().map_err(|why| self.fail(why))?;
        Ok(report)
    }
}

/// Fails with `why`, the packets of the flow included, unless `holds`.
pub(crate) fn must(holds: bool, why: impl Display) -> Result<(), Failed> {
    if holds {
        Ok(())
    } else {
        Err(why.to_string().into())
    }
}

/// Compares two verdict maps and names every difference.
pub(crate) fn must_equal<T: PartialEq + Debug>(
    seen: &BTreeMap<(IpAddr, u16), T>,
    expected: &BTreeMap<(IpAddr, u16), T>,
) -> Result<(), Failed> {
    let keys = seen.keys().chain(expected.keys()).collect::<BTreeSet<_>>();
    let differences: Vec<String> = keys
        .into_iter()
        .filter(|key| seen.get(key) != expected.get(key))
        .map(|key| {
            format!(
                "  {} port {}: seen {:?}, expected {:?}",
                key.0,
                key.1,
                seen.get(key),
                expected.get(key)
            )
        })
        .collect();
    let first = differences
        .iter()
        .take(20)
        .cloned()
        .collect::<Vec<_>>()
        .join("\n");
    must(
        differences.is_empty(),
        format_args!("{} verdicts differ, the first:\n{first}", differences.len()),
    )
}
