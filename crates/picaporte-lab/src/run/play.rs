//! Plays a simulated world on its device: one thread that reads what the scanner sends, hands it to the world with the
//! time, and delivers what is due when it is due. It has a core to itself where there are two.

use std::os::fd::AsFd as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, anyhow};
use etherparse::{IpNumber, Ipv4Header};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, ppoll};
use nix::sched::{CpuSet, sched_getaffinity, sched_setaffinity};
use nix::sys::time::TimeSpec;
use nix::unistd::Pid;
use rustix::process::setpriority_process;

use super::device::{self, Device};
use super::ether::{Ether, Frame};
use super::lateness::Lateness;
use super::pcap::Capture;
use super::steer;
use crate::record::{Lab, Wire};
use crate::scenario::Scenario;
use crate::sim::World;

/// Frames read before what is due is delivered: so few that nothing gets late by more than a fraction of a millisecond.
const BATCH: usize = 32;
/// How often the gateway is heard when nothing else is: some scanners wait for a packet, any packet, before they look at
/// the time, and a network without a murmur is rare.
const MURMUR: Duration = Duration::from_secs(1);
/// On a core of its own the thread looks for more for this long before it sleeps: to be woken for every single packet costs
/// the scanner's core more than the packet does (measured: 42,000 SYNs a second instead of 100,000).
const SPIN: Duration = Duration::from_micros(100);
/// The highest priority of an ordinary process (nice(2)).
const FIRST_IN_LINE: i32 = -20;
/// The longest wait before a look around: at whether the world is over, and whether this thread was kept from running.
const LOOK: Duration = Duration::from_millis(2);
const LARGEST_FRAME: usize = 65_536;

/// A world that is being played.
#[derive(Debug)]
pub struct Playing {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Result<(Wire, Lab)>>,
}

impl Playing {
    /// Whether it is still being played: it ends early when the device is taken away, or a capture can't be written.
    pub fn stands(&self) -> bool {
        !self.thread.is_finished()
    }

    /// Ends it: what was seen on the wire, and whether the lab kept up.
    ///
    /// # Errors
    /// What went wrong while it was played.
    pub fn stop(self) -> Result<(Wire, Lab)> {
        self.over.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .unwrap_or_else(|_| Err(anyhow!("the thread that plays the world panicked")))
    }
}

/// Starts to play on a thread of its own.
pub(super) fn start(
    scenario: Arc<Scenario>,
    seed: u64,
    mut device: Device,
    mut capture: Option<Capture>,
) -> Result<Playing> {
    if let Some(capture) = &mut capture {
        capture.begin(scenario.link)?;
    }
    if cores().len() > 1 {
        steer::receive_on(&scanners_cores());
    }
    let over = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&over);
    let player = Player {
        world: World::new(Arc::clone(&scenario), seed),
        scenario,
        seed,
        ether: device.take_ether(),
        device,
        capture,
        lateness: Lateness::new(),
        undelivered: 0,
        heard: Instant::now(),
        still: Instant::now(),
        busy: Instant::now(),
        spin: if cores().len() > 1 {
            SPIN
        } else {
            Duration::ZERO
        },
        began: Instant::now(),
    };
    let play = move || {
        take_last_core();
        player.play(&told)
    };
    let thread = std::thread::Builder::new()
        .name("world".to_owned())
        .spawn(play)
        .context("starting the thread of the world")?;
    Ok(Playing { over, thread })
}

struct Player {
    world: World,
    scenario: Arc<Scenario>,
    seed: u64,
    ether: Option<Ether>,
    device: Device,
    capture: Option<Capture>,
    lateness: Lateness,
    undelivered: u64,
    /// When the scanner's machine was last sent anything.
    heard: Instant,
    /// When the device was last seen with nothing to read: what is read now has not waited longer than since then.
    still: Instant,
    /// When something last came.
    busy: Instant,
    /// How long to look for more before sleeping.
    spin: Duration,
    began: Instant,
}

impl Player {
    fn play(mut self, over: &AtomicBool) -> Result<(Wire, Lab)> {
        let mut buffer = vec![0; LARGEST_FRAME];
        while !over.load(Ordering::Relaxed) {
            let read = self.read_batch(&mut buffer)?;
            self.deliver()?;
            if read == 0 && self.busy.elapsed() >= self.spin {
                self.murmur()?;
                self.wait()?;
            }
        }
        self.capture.take().map_or(Ok(()), Capture::finish)?;
        let lab = Lab {
            overruns: device::overruns()? + self.undelivered + self.world.overflowed(),
            late_median_us: self.lateness.quantile_us(0.5),
            late_p999_us: self.lateness.quantile_us(0.999),
            late_max_us: self.lateness.max_us(),
        };
        Ok((self.world.wire(), lab))
    }

    fn now(&self) -> picaporte_core::Instant {
        picaporte_core::Instant::ZERO + self.began.elapsed().into()
    }

    fn read_batch(&mut self, buffer: &mut [u8]) -> Result<usize> {
        for read in 0..BATCH {
            let Some(length) = self.device.receive(buffer)? else {
                self.still = Instant::now();
                return Ok(read);
            };
            self.busy = Instant::now();
            self.lateness
                .add(self.busy.saturating_duration_since(self.still));
            let frame = &buffer[..length];
            if let Some(capture) = &mut self.capture {
                capture.packet(frame)?;
            }
            let now = self.now();
            match &self.ether {
                None => self.world.send(now, frame),
                Some(ether) => match ether.take(frame, &self.scenario, self.seed) {
                    Frame::Packet(packet) => self.world.send(now, packet),
                    Frame::Answer(answer) => self.write(&answer)?,
                    Frame::Nothing => {}
                },
            }
        }
        Ok(BATCH)
    }

    fn deliver(&mut self) -> Result<()> {
        loop {
            let now = self.now();
            let Some(packet) = self.world.receive(now) else {
                return Ok(());
            };
            match &self.ether {
                None => self.write(&packet.bytes)?,
                Some(ether) => self.write(&ether.wrap(&packet.bytes, &self.scenario))?,
            }
            self.lateness.add(self.now().since(packet.due).into());
        }
    }

    /// Lets the gateway be heard once the network has been still for a while.
    fn murmur(&mut self) -> Result<()> {
        if self.heard.elapsed() < MURMUR {
            return Ok(());
        }
        let query = igmp_query();
        match &self.ether {
            None => self.write(&query),
            Some(ether) => self.write(&ether.wrap(&query, &self.scenario)),
        }
    }

    fn write(&mut self, frame: &[u8]) -> Result<()> {
        self.heard = Instant::now();
        if let Some(capture) = &mut self.capture {
            capture.packet(frame)?;
        }
        self.undelivered += u64::from(!self.device.send(frame));
        Ok(())
    }

    /// Sleeps until something is due or comes. A sleep that lasts longer than it was to last has kept what came waiting.
    fn wait(&mut self) -> Result<()> {
        let began = Instant::now();
        let due = self
            .world
            .next_at()
            .map(|at| Duration::from(at.since(self.now())));
        let patience = due.map_or(LOOK, |due| due.min(LOOK));
        let mut watched = [PollFd::new(self.device.as_fd(), PollFlags::POLLIN)];
        match ppoll(&mut watched, Some(TimeSpec::from_duration(patience)), None) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("waiting for the device lab0"),
        }
        let overslept = began.elapsed().saturating_sub(patience);
        self.still = Instant::now().checked_sub(overslept).unwrap_or(began);
        Ok(())
    }
}

/// A general membership query of the gateway, as routers send them (RFC 2236, section 2): it asks for nothing, as nobody
/// has joined a group.
fn igmp_query() -> Vec<u8> {
    let (gateway, all_hosts) = ([198, 51, 100, 1], [224, 0, 0, 1]);
    let message = [0x11, 100, 0xee, 0x9b, 0, 0, 0, 0];
    let mut header = Ipv4Header::new(message.len() as u16, 1, IpNumber::IGMP, gateway, all_hosts)
        .expect("eight bytes fit into a packet");
    header.header_checksum = header.calc_header_checksum();
    header.to_bytes().into_iter().chain(message).collect()
}

/// The cores that this process may use; the last is the world's where there is more than one.
fn cores() -> Vec<usize> {
    let set = sched_getaffinity(Pid::from_raw(0)).unwrap_or_default();
    (0..CpuSet::count())
        .filter(|&core| set.is_set(core).unwrap_or(false))
        .collect()
}

/// The cores that are left to the scanner.
pub(super) fn scanners_cores() -> Vec<usize> {
    let mut cores = cores();
    if cores.len() > 1 {
        cores.pop();
    }
    cores
}

/// Gives the calling thread the last core, before everybody else. A kernel that does not want that (priority is for the
/// machine's root alone) costs punctuality, which is measured.
pub fn take_last_core() {
    let cores = cores();
    let _ = setpriority_process(None, FIRST_IN_LINE);
    if let (Some(&last), true) = (cores.last(), cores.len() > 1) {
        let _ = keep_to(&[last]);
    }
}

/// Keeps the calling thread, and what it starts, to these cores.
pub(super) fn keep_to(cores: &[usize]) -> nix::Result<()> {
    let mut set = CpuSet::new();
    for &core in cores {
        set.set(core)?;
    }
    sched_setaffinity(Pid::from_raw(0), &set)
}
