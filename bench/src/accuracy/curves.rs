//! The plots: recall and SYNs over loss, and time over a limit on RSTs. How they are drawn is known elsewhere.

use anyhow::Result;
use picaporte_core::plan::Settings;
use picaporte_core::sim::{Limit, World};
use picaporte_core::{Duration, timing};

use super::Effort;
use super::bound::lower_bound;
use super::chart::{Axis, Chart, Line, Look};
use super::play::{Seen, Work};
use super::table::{grouped, percent};
use super::worlds::{mixed, share};

const LOSSES: [u32; 10] = [0, 1, 2, 5, 8, 10, 15, 20, 25, 30];
const LIMITS: [u32; 6] = [50, 100, 200, 500, 1000, 2000];
const CLOSED: u16 = 4000;
/// A host that has rested sends this part of a second's RSTs at once: little, so that the ideal time is a plain quotient.
const BURST: u32 = 10;
/// The top of the recall's axis, where nothing was missed; the lines of formulas end before it.
const NONE_MISSED: f64 = 6.0;
const FORMULA_TOP: f64 = 5.4;
const ORANGE: &str = "#D55E00";
const GREEN: &str = "#009E73";
const PINK: &str = "#CC79A7";
const GREY: &str = "#555555";

/// Every plot, with its file name.
///
/// # Errors
/// When a world is no valid plan.
pub(crate) fn charts(effort: Effort) -> Result<Vec<(&'static str, Chart)>> {
    let seeds = match effort {
        Effort::Quick => 1,
        Effort::Full => 20,
    };
    let mut seen = Vec::new();
    for loss in LOSSES {
        seen.push((loss, lossy(loss, seeds)?));
    }
    Ok(vec![
        ("accuracy-recall.svg", recall(&seen)),
        ("accuracy-syns.svg", syns(&seen)),
        ("accuracy-rst-limit.svg", rst_limit(seeds)?),
    ])
}

/// The worlds of the table with this loss in percent each way: 32 hosts, a fifth of 2,000 ports open.
fn lossy(percent: u32, seeds: u64) -> Result<Seen> {
    let world = World {
        loss: share(f64::from(percent) / 100.0),
        ..mixed()
    };
    play(27, 2000, world, seeds)
}

fn play(prefix: u8, ports: u16, world: World, seeds: u64) -> Result<Seen> {
    let work = Work {
        prefix,
        ports,
        settings: Settings::default(),
        world,
    };
    let mut seen = Seen::default();
    for seed in 1..=seeds {
        work.play(seed, &mut seen)?;
    }
    Ok(seen)
}

/// How many nines: −log₁₀ of the share missed, up to the top of the axis.
fn nines(missed: f64) -> f64 {
    (-missed.log10()).clamp(0.0, NONE_MISSED)
}

/// The chance that a SYN to an open port stays unanswered.
fn unanswered(loss: f64) -> f64 {
    1.0 - (1.0 - loss).powi(2)
}

pub(crate) fn recall(seen: &[(u32, Seen)]) -> Chart {
    let at = |recall: fn(&Seen) -> f64| -> Vec<(f64, f64)> {
        let point = |(loss, seen): &(u32, Seen)| (f64::from(*loss), nines(1.0 - recall(seen)));
        seen.iter().map(point).collect()
    };
    let mut lines = vec![
        Line {
            name: "Picaporte, as many tries as it chooses".to_owned(),
            look: Look::Measured,
            points: at(|seen| seen.recall().unwrap_or(1.0)),
        },
        Line {
            name: "lower 95 % bound of that".to_owned(),
            look: Look::Formula(GREY, "1 3"),
            points: at(|seen| lower_bound(seen.open.ports, seen.missed())),
        },
    ];
    for (n, colour, dash) in [(1, ORANGE, "2 3"), (2, GREEN, "7 4"), (3, PINK, "12 3 2 3")] {
        let tries = if n == 1 { "try" } else { "tries" };
        lines.push(Line {
            name: format!("1−(1−(1−p)²)ⁿ for n = {n} {tries}"),
            look: Look::Formula(colour, dash),
            points: formula(n),
        });
    }
    let ticks = [
        "0 %",
        "90 %",
        "99 %",
        "99.9 %",
        "99.99 %",
        "99.999 %",
        "none missed",
    ];
    Chart {
        title: "Open ports found, over the loss each way".to_owned(),
        description: format!(
            "Share of the open ports found, over the share of packets lost in each direction; the axis counts nines, and its top \
means that no port was missed. {} For comparison, the formula gives for one, two and three tries: at 5 % {}, at 20 % {}.",
            words(seen),
            by_formula(0.05),
            by_formula(0.2)
        ),
        x: loss_axis(),
        y: Axis {
            label: "open ports found".to_owned(),
            from: 0.0,
            to: NONE_MISSED,
            log: false,
            ticks: (0u8..)
                .map(f64::from)
                .zip(ticks.map(str::to_owned))
                .collect(),
        },
        lines,
    }
}

fn formula(tries: i32) -> Vec<(f64, f64)> {
    (1..=300)
        .map(|tenths| f64::from(tenths) / 10.0)
        .map(|loss| (loss, nines(unanswered(loss / 100.0).powi(tries))))
        .filter(|&(_, y)| y <= FORMULA_TOP)
        .collect()
}

fn by_formula(loss: f64) -> String {
    let recall = |tries| format!("{:.2} %", 100.0 * (1.0 - unanswered(loss).powi(tries)));
    [1, 2, 3].map(recall).join(", ")
}

fn words(seen: &[(u32, Seen)]) -> String {
    let parts = seen.iter().map(|(loss, seen)| {
        format!(
            "{loss} %: {} of {} found, at least {}.",
            grouped(seen.found),
            grouped(seen.open.ports),
            percent(lower_bound(seen.open.ports, seen.missed()))
        )
    });
    parts.collect::<Vec<_>>().join(" ")
}

fn loss_axis() -> Axis {
    Axis {
        label: "packets lost in each direction, %".to_owned(),
        from: 0.0,
        to: 31.0,
        log: false,
        ticks: [0u8, 5, 10, 15, 20, 25, 30]
            .map(|n| (f64::from(n), n.to_string()))
            .to_vec(),
    }
}

/// The tries that the formula asks for, where the loss is known: the smallest n with qⁿ ≤ (1 − R)/2, at least 2.
fn tries(loss: f64, recall: f64) -> f64 {
    if loss == 0.0 {
        return f64::from(timing::MIN_ATTEMPTS);
    }
    let n = ((1.0 - recall) / 2.0).ln() / unanswered(loss).ln();
    n.ceil().max(f64::from(timing::MIN_ATTEMPTS))
}

/// The corners of that line of steps, from no loss to 30 %.
fn steps(recall: f64) -> Vec<(f64, f64)> {
    let known = |tenths: u32| f64::from(tenths) / 10.0;
    let mut corners = vec![(0.0, tries(0.0, recall))];
    for tenths in 1..=300 {
        let (loss, n) = (known(tenths), tries(known(tenths) / 100.0, recall));
        let before = corners[corners.len() - 1].1;
        if n > before {
            corners.extend([(loss, before), (loss, n)]);
        }
    }
    corners.push((30.0, corners[corners.len() - 1].1));
    corners
}

pub(crate) fn syns(seen: &[(u32, Seen)]) -> Chart {
    let each = |seen: &Seen| seen.silent.each().unwrap_or(0.0);
    let points: Vec<(f64, f64)> = seen
        .iter()
        .map(|(loss, seen)| (f64::from(*loss), each(seen)))
        .collect();
    let told: Vec<String> = points
        .iter()
        .map(|(loss, syns)| format!("{loss} %: {syns:.2}."))
        .collect();
    let recall = Settings::default().recall;
    let steps = steps(recall);
    let top = points.iter().chain(&steps);
    let top = top.fold(0.0f64, |top, point| top.max(point.1)).ceil();
    Chart {
        title: "SYNs for each silent port, over the loss each way".to_owned(),
        description: format!(
            "SYNs sent to each port that never answers, the system's own included, over the share of packets lost in each \
direction. {} The stepped line is the smallest number of tries that loses at most half of what the recall of {} allows, were \
the loss known: 2 up to 0.35 %, and {} at 5 %, {} at 20 %.",
            told.join(" "),
            percent(recall),
            tries(0.05, recall),
            tries(0.2, recall)
        ),
        x: loss_axis(),
        y: Axis {
            label: "SYNs for each silent port".to_owned(),
            from: 0.0,
            to: top + 1.0,
            log: false,
            ticks: (0..=top as u32 + 1)
                .step_by(2)
                .map(|n| (f64::from(n), n.to_string()))
                .collect(),
        },
        lines: vec![
            Line {
                name: "Picaporte".to_owned(),
                look: Look::Measured,
                points,
            },
            Line {
                name: "tries by the formula, the loss being known".to_owned(),
                look: Look::Formula(ORANGE, "7 4"),
                points: steps,
            },
        ],
    }
}

fn rst_limit(seeds: u64) -> Result<Chart> {
    let mut points = Vec::new();
    for limit in LIMITS {
        let world = World {
            rst_bucket: Some(Limit {
                per_second: limit,
                burst: limit / BURST,
            }),
            delay: Duration::from_millis(5),
            ..World::default()
        };
        let seen = play(32, CLOSED, world, seeds)?;
        points.push((limit, seen.median(), seen.false_filtered));
    }
    Ok(times(&points))
}

/// The time of scans under limits of so many RSTs a second, and how many closed ports they called filtered.
pub(crate) fn times(points: &[(u32, Duration, u64)]) -> Chart {
    let ideal = |limit: u32| f64::from(CLOSED) / f64::from(limit);
    let told = points.iter().map(|(limit, time, filtered)| {
        format!(
            "{limit} a second: {:.1} s (ideal {:.1} s), {} ports falsely filtered in all.",
            time.as_secs_f64(),
            ideal(*limit),
            grouped(*filtered)
        )
    });
    let place = |wanted: &dyn Fn(&(u32, Duration, u64)) -> bool| -> Vec<(f64, f64)> {
        let wanted = points.iter().filter(|point| wanted(point));
        wanted
            .map(|(limit, time, _)| (f64::from(*limit), time.as_secs_f64()))
            .collect()
    };
    let seconds = points.iter().map(|(_, time, _)| time.as_secs_f64());
    let (least, most) = seconds.fold((1.0f64, 100.0f64), |(least, most), s| {
        (least.min(s), most.max(s))
    });
    let y_ticks = [
        0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0,
    ];
    let (from, to) = (least / 1.2, most * 1.2);
    let mut lines = vec![
        Line {
            name: "Picaporte, median".to_owned(),
            look: Look::Measured,
            points: place(&|_| true),
        },
        Line {
            name: "4,000 ÷ limit".to_owned(),
            look: Look::Formula(ORANGE, "7 4"),
            points: LIMITS.map(|n| (f64::from(n), ideal(n))).to_vec(),
        },
        Line {
            name: "some ports falsely called filtered".to_owned(),
            look: Look::Doubtful,
            points: place(&|&(_, _, filtered)| filtered > 0),
        },
    ];
    lines.retain(|line| !line.points.is_empty());
    Chart {
        title: "Time for 4,000 closed ports, over the host's limit on RSTs".to_owned(),
        description: format!(
            "Virtual time to finish 4,000 closed ports of one host that sends a limited number of RSTs in a second, and a tenth of \
that at once after a pause. {} The dashed line is 4,000 divided by the limit. Where there is a ring, ports were falsely called \
filtered: the scan was done before it should have been.",
            told.collect::<Vec<_>>().join(" ")
        ),
        x: Axis {
            label: "RSTs that the host sends, per second".to_owned(),
            from: 45.0,
            to: 2200.0,
            log: true,
            ticks: LIMITS.map(|n| (f64::from(n), n.to_string())).to_vec(),
        },
        y: Axis {
            label: "time, s".to_owned(),
            from,
            to,
            log: true,
            ticks: y_ticks
                .into_iter()
                .filter(|&s| s >= from && s <= to)
                .map(|s| (s, s.to_string()))
                .collect(),
        },
        lines,
    }
}
