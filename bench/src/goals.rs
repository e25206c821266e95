//! The goals set for the first release, and whether what was measured meets them. It knows no layout.

use crate::measure::{RowResult, Series};
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
    /// Another program takes at most this part of Picaporte's time, and no fault.
    TimeFor(Program, f64),
    /// Every open port, in every round, and no fault.
    EveryPort,
    /// At most this many MiB at the peak.
    PeakMib(u64),
}

fn goals(row: Row) -> &'static [Goal] {
    use Goal::{EveryPort, PeakMib, RateOfLimit, TimeFor, TimeOf};
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
        Row::Kept => &[TimeFor(Program::PicaporteKept, 1.03)],
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
            Self::TimeFor(other, part) => (
                format!("time of {} ≤ {part} of picaporte's", other.name()),
                time_for(result, *other, *part),
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

fn time_for(result: &RowResult, other: Program, bound: f64) -> (String, bool) {
    let faults = result.of(other).map_or(0, Series::faults);
    let (seen, met) = at_most(inverse(time_ratio(result, other)), bound);
    (format!("{seen}, {faults} faults"), met && faults == 0)
}

fn every_port(result: &RowResult) -> (String, bool) {
    let Some(series) = result.of(Program::Picaporte) else {
        return (number(None), false);
    };
    let Some((fewest, most)) = series.open() else {
        return (number(None), false);
    };
    let faults = series.faults();
    let met = faults == 0 && fewest == result.row.open() && most == fewest;
    (format!("{fewest} to {most}, {faults} faults"), met)
}

fn peak(result: &RowResult, bound_mib: u64) -> (String, bool) {
    let series = result.of(Program::Picaporte);
    let Some(kib) = series.and_then(Series::peak_kib) else {
        return (number(None), false);
    };
    let faults = series.is_some_and(|series| series.faults() > 0);
    (
        format!("{:.1} MiB", kib as f64 / 1024.0),
        kib <= bound_mib * 1024 && !faults,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::measure::Sample;
    use crate::program::Reading;

    fn series(program: Program, seconds: f64, fault: Option<&str>) -> Series {
        let reading = Reading {
            open: 0,
            tested: None,
            fault: fault.map(str::to_owned),
        };
        Series {
            program,
            samples: vec![Sample {
                seconds,
                peak_kib: 1,
                reading,
                ended: true,
            }],
        }
    }

    #[test]
    fn a_scan_that_is_kept_may_take_three_hundredths_more_and_must_not_fail() {
        for (seconds, fault, met) in [
            (1.03, None, true),
            (1.04, None, false),
            (0.01, Some("exit code 2"), false),
        ] {
            let result = RowResult {
                row: Row::Kept,
                series: vec![
                    series(Program::Picaporte, 1.0, None),
                    series(Program::PicaporteKept, seconds, fault),
                ],
            };
            let verdicts = judge(std::slice::from_ref(&result));
            assert_eq!(verdicts.len(), 1);
            assert_eq!(verdicts[0].met, met, "{}", verdicts[0].seen);
        }
    }
}
