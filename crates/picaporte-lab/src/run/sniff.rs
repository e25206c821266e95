//! A capture of a world of real kernels: a packet socket on the scanner's end of the link, read by a thread of its own.

use std::io::IoSliceMut;
use std::os::fd::{AsFd as _, AsRawFd as _};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use anyhow::{Context, Result, anyhow, ensure};
use nix::errno::Errno;
use nix::net::if_::if_nametoindex;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::{ControlMessageOwned, LinkAddr, MsgFlags, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

use super::device::NAME;
use super::pcap::Capture;
use crate::scenario::Link;

/// `ETH_P_ALL` of `linux/if_ether.h`: every protocol.
const EVERY_PROTOCOL: u16 = 0x0003;
const BUFFER: usize = 64 << 20;
/// The longest wait before a look at whether the world is over, in milliseconds.
const LOOK_MS: u8 = 50;

/// A capture under way.
#[derive(Debug)]
pub(super) struct Sniffing {
    over: Arc<AtomicBool>,
    thread: JoinHandle<Result<()>>,
}

impl Sniffing {
    /// Writes what passes the device `lab0` of the calling thread's network namespace.
    pub(super) fn start(mut capture: Capture) -> Result<Self> {
        capture.begin(Link::Ethernet)?;
        let index = if_nametoindex(NAME)
            .with_context(|| format!("looking for the device {NAME}"))?
            as usize;
        let socket = open()?;
        let over = Arc::new(AtomicBool::new(false));
        let told = Arc::clone(&over);
        let thread = std::thread::Builder::new()
            .name("capture".to_owned())
            .spawn(move || read(&socket, index, capture, &told))
            .context("starting the thread of the capture")?;
        Ok(Self { over, thread })
    }

    /// Ends it once everything that has passed is written. Fails when the kernel had to drop packets.
    pub(super) fn stop(self) -> Result<()> {
        self.over.store(true, Ordering::Relaxed);
        self.thread
            .join()
            .unwrap_or_else(|_| Err(anyhow!("the thread of the capture panicked")))
    }
}

fn open() -> Result<Socket> {
    let protocol = Protocol::from(i32::from(EVERY_PROTOCOL.to_be()));
    let socket = Socket::new(Domain::PACKET, Type::RAW.nonblocking(), Some(protocol))
        .context("opening a packet socket")?;
    // The kernel tells how many packets it dropped; only the machine's root may ask for a large buffer.
    setsockopt(&socket, sockopt::RxqOvfl, &1).context("asking how many packets are dropped")?;
    let _ = setsockopt(&socket, sockopt::RcvBufForce, &BUFFER);
    Ok(socket)
}

fn read(socket: &Socket, index: usize, mut capture: Capture, over: &AtomicBool) -> Result<()> {
    let mut buffer = vec![0; 65_536];
    let mut dropped = 0;
    loop {
        // In this order: what passed before the end is read after it.
        let last = over.load(Ordering::Relaxed);
        while let Some((length, from, drops)) = receive(socket, &mut buffer)? {
            dropped = dropped.max(drops);
            if from == Some(index) {
                capture.packet(&buffer[..length])?;
            }
        }
        if last {
            capture.finish()?;
            ensure!(
                dropped == 0,
                "the capture is not whole: the kernel dropped {dropped} packets"
            );
            return Ok(());
        }
        let mut watched = [PollFd::new(socket.as_fd(), PollFlags::POLLIN)];
        match poll(&mut watched, PollTimeout::from(LOOK_MS)) {
            Ok(_) | Err(Errno::EINTR) => {}
            Err(errno) => return Err(errno).context("waiting for packets to capture"),
        }
    }
}

/// A packet's length, its interface, and how many the kernel has dropped so far.
fn receive(socket: &Socket, buffer: &mut [u8]) -> Result<Option<(usize, Option<usize>, u32)>> {
    let mut space = nix::cmsg_space!(u32);
    let mut parts = [IoSliceMut::new(buffer)];
    match recvmsg::<LinkAddr>(
        socket.as_raw_fd(),
        &mut parts,
        Some(&mut space),
        MsgFlags::empty(),
    ) {
        Ok(message) => {
            let drops = message
                .cmsgs()
                .context("reading what came with a packet")?
                .find_map(|control| match control {
                    ControlMessageOwned::RxqOvfl(count) => Some(count),
                    _ => None,
                });
            let from = message.address.map(|address| address.ifindex());
            Ok(Some((message.bytes, from, drops.unwrap_or_default())))
        }
        Err(Errno::EAGAIN | Errno::EINTR) => Ok(None),
        Err(errno) => Err(errno).context("reading packets to capture"),
    }
}
