//! The lab as a measuring instrument: how many SYNs a second it answers on one core, and how right its delays are meanwhile.
//! A generator on another core sends raw SYNs at a pace, and times every answer. Nothing leaves the namespace made for it.

use std::fmt::Write as _;
use std::io::{ErrorKind, Read as _};
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use clap::Args;
use etherparse::PacketBuilder;
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::socket::setsockopt;
use nix::sys::socket::sockopt::RcvBufForce;
use nix::sys::time::TimeValLike as _;
use nix::unistd::Pid;
use picaporte_lab::page::Marks;
use picaporte_lab::scenario::{self, SCANNER_V4};
use picaporte_lab::{isolation, run as lab};
use socket2::{Domain, Protocol, Socket, Type};

const MARKS: Marks = Marks("lab-rate");
/// The round trip of the world; what an answer takes beyond it is the lab's error, and the generator's.
const RTT: Duration = Duration::from_millis(20);
/// Answers that have not come by then are missing.
const PATIENCE: Duration = Duration::from_secs(2);
/// Answers that may wait for the generator, in bytes of the kernel's.
const BUFFER: usize = 64 << 20;
/// SYNs sent between two looks at what has come back.
const AT_ONCE: u64 = 8;
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
    let all = sched_getaffinity(Pid::from_raw(0)).context("asking for the cores")?;
    let world = lab::play(&Arc::new(scenario), 1, None)?;
    keep_to_first_core().context("keeping the generator to the first core")?;
    let cpu_before = cpu_of_others()?;
    let mut generator = Generator::new(rate * seconds)?;
    let took = generator.run(rate)?;
    let cpu = cpu_of_others()? - cpu_before;
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
        own_us: [seen.late_p999_us, seen.late_max_us],
    })
}

fn keep_to_first_core() -> nix::Result<()> {
    let mut set = CpuSet::new();
    set.set(0)?;
    sched_setaffinity(Pid::from_raw(0), &set)
}

/// Seconds of processor that this process has used, less those of the calling thread.
fn cpu_of_others() -> Result<f64> {
    let of = |who| -> Result<f64> {
        let usage = getrusage(who).context("reading the use of the processor")?;
        Ok((usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6)
    };
    Ok(of(UsageWho::RUSAGE_SELF)? - of(UsageWho::RUSAGE_THREAD)?)
}

/// Sends SYNs with their number as the sequence number, and finds it again in the RST's acknowledgement.
struct Generator {
    out: Socket,
    back: Socket,
    sent: Vec<Instant>,
    late_us: Vec<u64>,
    total: u64,
}

impl Generator {
    fn new(total: u64) -> Result<Self> {
        const RAW: i32 = 255;
        let raw = |protocol| {
            Socket::new(Domain::IPV4, Type::RAW, Some(protocol)).context("opening a raw socket")
        };
        let (out, back) = (raw(Protocol::from(RAW))?, raw(Protocol::TCP)?);
        // What waits here while the generator sends must not be lost; only root may ask for so much.
        let _ = setsockopt(&back, RcvBufForce, &BUFFER);
        back.set_nonblocking(true)
            .context("making a socket non-blocking")?;
        let room = usize::try_from(total).context("too many SYNs")?;
        Ok(Self {
            out,
            back,
            sent: Vec::with_capacity(room),
            late_us: Vec::with_capacity(room),
            total,
        })
    }

    /// How long the sending took.
    fn run(&mut self, rate: u64) -> Result<Duration> {
        let began = Instant::now();
        let mut last = began;
        while last.elapsed() < PATIENCE {
            let due = ((began.elapsed().as_secs_f64() * rate as f64) as u64).min(self.total);
            for _ in 0..AT_ONCE.min(due - self.sent.len() as u64) {
                self.send()?;
                last = Instant::now();
            }
            if self.sent.len() as u64 == self.total && self.late_us.len() == self.sent.len() {
                break;
            }
            self.listen()?;
        }
        Ok(last - began)
    }

    fn send(&mut self) -> Result<()> {
        let number = self.sent.len() as u32;
        let host = Ipv4Addr::from_bits(Ipv4Addr::new(198, 18, 0, 0).to_bits() + (number & 0xffff));
        let port = 1 + (number >> 16) as u16;
        let from_port = 1_024 + (number % 60_000) as u16;
        let mut packet = Vec::with_capacity(60);
        PacketBuilder::ipv4(SCANNER_V4.octets(), host.octets(), 64)
            .tcp(from_port, port, number, 64_240)
            .syn()
            .write(&mut packet, &[])
            .context("building a SYN")?;
        self.sent.push(Instant::now());
        self.out
            .send_to(&packet, &SocketAddr::from((host, 0)).into())
            .context("sending a SYN")?;
        Ok(())
    }

    fn listen(&mut self) -> Result<()> {
        let mut packet = [0; 128];
        for _ in 0..4 * AT_ONCE {
            match (&self.back).read(&mut packet) {
                Ok(length) => self.note(&packet[..length]),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                Err(error) => return Err(error).context("receiving"),
            }
        }
        Ok(())
    }

    /// An IPv4 header of 20 bytes, then the acknowledgement at byte 8 of the TCP header.
    fn note(&mut self, packet: &[u8]) {
        let number = packet
            .get(28..32)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_be_bytes);
        let sent = number.and_then(|number| self.sent.get(number.wrapping_sub(1) as usize));
        if let Some(sent) = sent {
            let late = sent.elapsed().saturating_sub(RTT);
            self.late_us
                .push(u64::try_from(late.as_micros()).unwrap_or(u64::MAX));
        }
    }
}

fn micros(us: Option<u64>) -> String {
    us.map_or_else(|| "–".to_owned(), |us| format!("{us} µs"))
}

fn table(rows: &[Row]) -> String {
    let mut text = String::from(
        "| SYNs a second, offered | sent | answered | missing | lost by the lab | processor of the lab | late, median | 99 % | 99.9 % | latest | by its own account, 99.9 % | latest |\n\
         | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: |\n",
    );
    for row in rows {
        let late = |share: f64| {
            let at = ((row.late_us.len() as f64 * share) as usize)
                .min(row.late_us.len().saturating_sub(1));
            row.late_us.get(at).copied().unwrap_or_default()
        };
        let _ = writeln!(
            text,
            "| {} | {:.0} | {:.0} | {} | {} | {:.0} % | {} µs | {} µs | {} µs | {} µs | {} | {} |",
            row.offered,
            row.sent_per_second,
            row.answered_per_second,
            row.missing,
            row.overruns,
            row.core * 100.0,
            late(0.5),
            late(0.99),
            late(0.999),
            late(1.0),
            micros(row.own_us[0]),
            micros(row.own_us[1]),
        );
    }
    text
}
