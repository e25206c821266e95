//! The goals set for the first release, and whether what was measured meets them. It knows no layout.

use crate::measure::RowResult;
use crate::program::Program;
use crate::row::Row;

/// One goal, held against a measurement.
#[derive(Debug)]
pub(crate) struct Verdict {
    pub(crate) row: Row,
    pub(crate) goal: String,
    pub(crate) seen: String,
    pub(crate) met: bool,
}

enum Goal {
    /// At least this part of the bare loop's rate.
    RateOfLimit(f64),
    /// At most this part of another program's time.
    TimeOf(Program, f64),
    /// Every open port, in every round, and no fault.
    EveryPort,
    /// At most this many MiB at the peak.
    PeakMib(u64),
}

fn goals(row: Row) -> &'static [Goal] {
    use Goal::{EveryPort, PeakMib, RateOfLimit, TimeOf};
    match row {
        Row::Closed => &[
            RateOfLimit(0.85),
            TimeOf(Program::Nmap, 0.45),
            TimeOf(Program::RustScan, 0.15),
            EveryPort,
        ],
        Row::ClosedOneCore | Row::ClosedIpv6 => &[],
        Row::Silent => &[
            EveryPort,
            TimeOf(Program::Nmap, 0.05),
            TimeOf(Program::RustScanWide, 0.2),
        ],
        Row::Hosts => &[EveryPort, TimeOf(Program::RustScan, 1.0)],
        Row::Wide | Row::WideSilent => &[PeakMib(32)],
    }
}

/// Holds every row measured against its goals.
pub(crate) fn judge(results: &[RowResult]) -> Vec<Verdict> {
    results
        .iter()
        .flat_map(|result| goals(result.row).iter().map(|goal| goal.judge(result)))
        .collect()
}

impl Goal {
    fn judge(&self, result: &RowResult) -> Verdict {
        let (goal, (seen, met)) = match self {
            Self::RateOfLimit(part) => (
                format!("rate ≥ {part} of the bare loop's"),
                at_least(inverse(time_ratio(result, Program::Bare)), *part),
            ),
            Self::TimeOf(other, part) => (
                format!("time ≤ {part} of {}'s", other.name()),
                at_most(time_ratio(result, *other), *part),
            ),
            Self::EveryPort => (
                format!("{} open ports found, no fault", result.row.open()),
                every_port(result),
            ),
            Self::PeakMib(bound) => (format!("peak memory ≤ {bound} MiB"), peak(result, *bound)),
        };
        Verdict {
            row: result.row,
            goal,
            seen,
            met,
        }
    }
}

/// Picaporte's median time over another program's.
pub(crate) fn time_ratio(result: &RowResult, other: Program) -> Option<f64> {
    Some(result.of(Program::Picaporte)?.median()? / result.of(other)?.median()?)
}

fn inverse(ratio: Option<f64>) -> Option<f64> {
    ratio.map(f64::recip)
}

fn at_least(seen: Option<f64>, bound: f64) -> (String, bool) {
    (number(seen), seen.is_some_and(|seen| seen >= bound))
}

fn at_most(seen: Option<f64>, bound: f64) -> (String, bool) {
    (number(seen), seen.is_some_and(|seen| seen <= bound))
}

fn number(seen: Option<f64>) -> String {
    seen.map_or("not measured".to_owned(), |seen| format!("{seen:.3}"))
}

fn every_port(result: &RowResult) -> (String, bool) {
    let Some(series) = result.of(Program::Picaporte) else {
        return (number(None), false);
    };
    let Some((fewest, most)) = series.open() else {
        return (number(None), false);
    };
    let faults = series
        .samples
        .iter()
        .filter(|s| s.reading.fault.is_some())
        .count();
    let met = faults == 0 && fewest == result.row.open() && most == fewest;
    (format!("{fewest} to {most}, {faults} faults"), met)
}

fn peak(result: &RowResult, bound_mib: u64) -> (String, bool) {
    let series = result.of(Program::Picaporte);
    let Some(kib) = series.and_then(super::measure::Series::peak_kib) else {
        return (number(None), false);
    };
    let faults = series.is_some_and(|s| s.samples.iter().any(|s| s.reading.fault.is_some()));
    (
        format!("{:.1} MiB", kib as f64 / 1024.0),
        kib <= bound_mib * 1024 && !faults,
    )
}
