//! The bare loop: how fast this kernel lets one process try ports that refuse, and so the limit that the scanner is
//! measured against. It knows nothing of verdicts, timing, retries or reports, and is of no use on a network that
//! does not answer.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::AsRawFd;
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use nix::sys::socket::{SockaddrStorage, connect};
use socket2::{Domain, Protocol, Socket, Type};

/// How long a thread waits for any answer at all before it gives the run up.
const PATIENCE_MS: u16 = 3_000;

/// What to try, and how.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct Bare {
    /// The address to try
    #[arg(long)]
    target: IpAddr,
    /// One range of ports
    #[arg(long, default_value = "1-65535", value_parser = parse_ports)]
    ports: Ports,
    /// Threads, each with an epoll loop of its own
    #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u16).range(1..=64))]
    threads: u16,
    /// Sockets in flight on each thread (measured over veth: 2 to 96 are alike, 256 is a seventh slower)
    #[arg(long, default_value_t = 64, value_parser = clap::value_parser!(u16).range(1..=4096))]
    inflight: u16,
    /// A fresh socket for every probe, instead of connecting the same one again
    #[arg(long)]
    fresh: bool,
}

#[derive(Debug, Clone, Copy)]
struct Ports {
    first: u16,
    last: u16,
}

fn parse_ports(text: &str) -> Result<Ports, String> {
    let (first, last) = text.split_once('-').ok_or("write it as FIRST-LAST")?;
    let port = |text: &str| text.parse::<u16>().map_err(|e| format!("`{text}`: {e}"));
    let ports = Ports {
        first: port(first)?,
        last: port(last)?,
    };
    if ports.first == 0 || ports.first > ports.last {
        return Err("ports go upwards, from 1".to_owned());
    }
    Ok(ports)
}

#[derive(Debug, Default, Clone, Copy)]
struct Tally {
    refused: u64,
    open: u64,
}

/// Tries every port once and prints one line: probes, refused, open, seconds and probes a second.
///
/// # Errors
/// When a socket can't be made, a connect fails in a way that a closed or open port can't explain, or no answer comes
/// for three seconds.
pub(crate) fn run(bare: &Bare) -> Result<()> {
    let begun = Instant::now();
    let tally = all_threads(bare)?;
    let seconds = begun.elapsed().max(Duration::from_nanos(1)).as_secs_f64();
    let probes = tally.refused + tally.open;
    println!(
        "probes {probes} refused {} open {} seconds {seconds:.4} rate {:.0}",
        tally.refused,
        tally.open,
        probes as f64 / seconds
    );
    Ok(())
}

fn all_threads(bare: &Bare) -> Result<Tally> {
    let tallies: Vec<Result<Tally>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..bare.threads)
            .map(|index| scope.spawn(move || Loop::new(bare, index)?.run()))
            .collect();
        threads
            .into_iter()
            .map(|t| {
                t.join()
                    .unwrap_or_else(|_| bail!("a thread of the bare loop panicked"))
            })
            .collect()
    });
    let mut sum = Tally::default();
    for tally in tallies {
        let tally = tally?;
        sum.refused += tally.refused;
        sum.open += tally.open;
    }
    Ok(sum)
}

struct Slot {
    socket: Socket,
    target: SockaddrStorage,
    /// An idle socket raises edges of its own; connecting again on one of those would be a probe nobody asked for.
    busy: bool,
}

struct Loop {
    epoll: Epoll,
    slots: Vec<Slot>,
    ports: std::iter::StepBy<std::ops::RangeInclusive<u16>>,
    address: IpAddr,
    fresh: bool,
    in_flight: usize,
    tally: Tally,
}

impl Loop {
    fn new(bare: &Bare, index: u16) -> Result<Self> {
        let first = u32::from(bare.ports.first) + u32::from(index);
        let first = u16::try_from(first)
            .unwrap_or(u16::MAX)
            .max(bare.ports.first);
        let empty = Self {
            epoll: Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)
                .context("making an epoll instance")?,
            slots: Vec::new(),
            ports: (first..=bare.ports.last).step_by(usize::from(bare.threads)),
            address: bare.target,
            fresh: bare.fresh,
            in_flight: 0,
            tally: Tally::default(),
        };
        empty.filled(usize::from(bare.inflight))
    }

    fn filled(mut self, slots: usize) -> Result<Self> {
        let target = SockaddrStorage::from(SocketAddr::new(self.address, 1));
        for index in 0..slots {
            let socket = self.socket(index)?;
            self.slots.push(Slot {
                socket,
                target,
                busy: false,
            });
        }
        Ok(self)
    }

    fn socket(&self, index: usize) -> Result<Socket> {
        let socket = Socket::new_raw(
            Domain::for_address(SocketAddr::new(self.address, 1)),
            Type::STREAM.nonblocking().cloexec(),
            Some(Protocol::TCP),
        )
        .context("making a socket; a lower --inflight needs fewer descriptors")?;
        let interest = EpollFlags::EPOLLOUT | EpollFlags::EPOLLIN | EpollFlags::EPOLLET;
        self.epoll
            .add(&socket, EpollEvent::new(interest, index as u64))
            .context("watching a socket")?;
        Ok(socket)
    }

    fn run(mut self) -> Result<Tally> {
        for index in 0..self.slots.len() {
            self.start_next(index)?;
        }
        let mut events = vec![EpollEvent::empty(); self.slots.len()];
        while self.in_flight > 0 {
            let ready = match self
                .epoll
                .wait(&mut events, EpollTimeout::from(PATIENCE_MS))
            {
                Err(Errno::EINTR) => continue,
                other => other.context("waiting for answers")?,
            };
            if ready == 0 {
                bail!(
                    "no answer for {PATIENCE_MS} ms with {} attempts in flight: the bare loop is for targets that answer",
                    self.in_flight
                );
            }
            for event in &events[..ready] {
                self.harvest(event.data() as usize)?;
            }
        }
        Ok(self.tally)
    }

    /// Connecting again is what collects the refusal, and leaves the socket fit for the next port.
    fn harvest(&mut self, index: usize) -> Result<()> {
        let slot = &mut self.slots[index];
        if !slot.busy {
            return Ok(());
        }
        match connect(slot.socket.as_raw_fd(), &slot.target) {
            Err(Errno::EALREADY) => return Ok(()),
            Err(Errno::ECONNREFUSED) => {
                self.tally.refused += 1;
                if self.fresh {
                    self.slots[index].socket = self.socket(index)?;
                }
            }
            Ok(()) | Err(Errno::EISCONN | Errno::ECONNRESET) => {
                self.tally.open += 1;
                self.slots[index].socket = self.socket(index)?;
            }
            Err(errno) => bail!("connecting to {} again: {errno}", slot.target),
        }
        self.slots[index].busy = false;
        self.in_flight -= 1;
        self.start_next(index)
    }

    fn start_next(&mut self, index: usize) -> Result<()> {
        let Some(port) = self.ports.next() else {
            return Ok(());
        };
        let slot = &mut self.slots[index];
        slot.target = SockaddrStorage::from(SocketAddr::new(self.address, port));
        slot.busy = true;
        self.in_flight += 1;
        match connect(slot.socket.as_raw_fd(), &slot.target) {
            Ok(()) | Err(Errno::EINPROGRESS) => Ok(()),
            Err(errno) => bail!("connecting to {}: {errno}", slot.target),
        }
    }
}
