//! The lab as a measuring instrument: how many SYNs a second it answers on one core, and how right its delays are meanwhile.
//! A generator on another core sends raw SYNs at a pace, and the kernel times every answer. Before that, the same core
//! looks at the clock for as long, as a control. Nothing leaves the namespace made for it.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result};
use clap::Args;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::unistd::Pid;
use picaporte_lab::page::Marks;
use picaporte_lab::{isolation, run as lab, scenario};

use self::control::Stalls;
use self::generator::Generator;
use crate::machine::processor_of_others;

mod control;
mod generator;

const MARKS: Marks = Marks("lab-rate");
/// The round trip of the world; what an answer takes beyond it is the lab's error, and the generator's.
const RTT: Duration = Duration::from_millis(20);
const WORLD: &str = "about = 'closed ports behind 20 ms'\nsource = 'none'\n[scan]\ntargets = ['198.18.0.0/16']\nports = '1-65535'\n\
    [paths.default]\nhops = 3\nrtt = '20ms'\n[[hosts]]\naddresses = ['198.18.0.0/16']\n";

/// The lab's rate and punctuality
#[derive(Debug, Args)]
pub(crate) struct Lab {
    /// SYNs a second to offer, each for some seconds
    #[arg(
        long,
        value_delimiter = ',',
        default_value = "25000,50000,100000,125000"
    )]
    rates: Vec<u64>,
    /// Seconds for each
    #[arg(long, default_value_t = 5, value_parser = clap::value_parser!(u64).range(1..=60))]
    seconds: u64,
    /// Put the table between the `lab-rate` marks of this file
    #[arg(long, value_name = "FILE")]
    write: Option<PathBuf>,
}

/// What was seen at one rate.
#[derive(Debug)]
struct Row {
    offered: u64,
    sent_per_second: f64,
    answered_per_second: f64,
    missing: u64,
    /// Of what the lab's own thread used, in shares of one core.
    core: f64,
    /// Sorted, in microseconds: how late answers came.
    late_us: Vec<u64>,
    overruns: u64,
    /// What the core does by itself.
    stalls: Stalls,
    /// By its own account, how late the lab did what was due: 99.9 % of it, and all of it, in microseconds.
    own_us: [Option<u64>; 2],
}

pub(crate) fn run(order: &Lab) -> Result<()> {
    if let Some(file) = &order.write {
        MARKS.check(file)?;
    }
    isolation::enter()?;
    let rows = order
        .rates
        .iter()
        .map(|&rate| measure(rate, order.seconds))
        .collect::<Result<Vec<_>>>()?;
    let table = table(&rows);
    println!("{table}");
    order
        .write
        .as_deref()
        .map_or(Ok(()), |file: &Path| Ok(MARKS.write(file, &table)?))
}

fn measure(rate: u64, seconds: u64) -> Result<Row> {
    let scenario = scenario::from_text(Path::new("bench.toml"), WORLD)
        .context("the world of this measurement")?;
    // The world's thread takes the last of the cores that this one may use, and the generator has the first.
    let stalls = control::watch(Duration::from_secs(seconds))?;
    let all = sched_getaffinity(Pid::from_raw(0)).context("asking for the cores")?;
    let world = lab::play(&Arc::new(scenario), 1, None)?;
    keep_to_first_core().context("keeping the generator to the first core")?;
    let cpu_before = processor_of_others()?;
    let mut generator = Generator::new(rate * seconds)?;
    let took = generator.run(rate)?;
    let cpu = processor_of_others()? - cpu_before;
    let (_, seen) = world.stop()?;
    sched_setaffinity(Pid::from_raw(0), &all).context("taking all cores again")?;
    let mut late_us = generator.late_us;
    late_us.sort_unstable();
    Ok(Row {
        offered: rate,
        sent_per_second: generator.sent.len() as f64 / took.as_secs_f64(),
        answered_per_second: late_us.len() as f64 / took.as_secs_f64(),
        missing: generator.sent.len() as u64 - late_us.len() as u64,
        core: cpu / took.as_secs_f64(),
        late_us,
        overruns: seen.overruns,
        stalls,
        own_us: [seen.late_p999_us, seen.late_max_us],
    })
}

fn keep_to_first_core() -> nix::Result<()> {
    let mut set = CpuSet::new();
    set.set(0)?;
    sched_setaffinity(Pid::from_raw(0), &set)
}

fn micros(us: Option<u64>) -> String {
    us.map_or_else(|| "–".to_owned(), |us| format!("{us} µs"))
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| SYNs a second, offered | sent | answered | missing | lost by the lab | processor of the lab | late, median | 99 % | 99.9 % | latest | by its own account, 99.9 % | latest | \
         the clock alone, 99 % | 99.9 % | longest stall |\n\
         | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    for row in rows {
        let late = |share: f64| {
            let at = ((row.late_us.len() as f64 * share) as usize)
                .min(row.late_us.len().saturating_sub(1));
            row.late_us.get(at).copied().unwrap_or_default()
        };
        let _ = write!(
            text,
            "| {} | {:.0} | {:.0} | {} | {} | {:.0} %",
            row.offered,
            row.sent_per_second,
            row.answered_per_second,
            row.missing,
            row.overruns,
            row.core * 100.0,
        );
        for share in [0.5, 0.99, 0.999, 1.0] {
            let _ = write!(text, " | {} µs", late(share));
        }
        for own in row.own_us {
            let _ = write!(text, " | {}", micros(own));
        }
        let (two, three) = (row.stalls.late_us(0.99), row.stalls.late_us(0.999));
        let longest = row.stalls.longest_us();
        let _ = writeln!(text, " | {two} µs | {three} µs | {longest} µs |");
    }
    text
}
