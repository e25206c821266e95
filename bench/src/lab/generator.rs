//! Sends SYNs at a pace, as a scanner with raw sockets does, and learns from the kernel when each was answered.

use std::io::IoSliceMut;
use std::net::{Ipv4Addr, SocketAddr};
use std::os::fd::AsRawFd as _;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result};
use etherparse::PacketBuilder;
use nix::errno::Errno;
use nix::sys::socket::sockopt::{RcvBufForce, ReceiveTimestampns};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, recvmsg, setsockopt};
use nix::sys::time::TimeSpec;
use picaporte_lab::scenario::SCANNER_V4;
use socket2::{Domain, Protocol, Socket, Type};

use super::RTT;

/// Answers that have not come by then are missing.
const PATIENCE: Duration = Duration::from_secs(2);
/// Answers that may wait for the generator, in bytes of the kernel's.
const BUFFER: usize = 64 << 20;
/// SYNs sent between two looks at what has come back.
const AT_ONCE: u64 = 8;

/// Sends SYNs with their number as the sequence number, and finds it again in the RST's acknowledgement.
pub(super) struct Generator {
    out: Socket,
    back: Socket,
    /// By the calendar's clock, as the kernel's own stamps are.
    pub(super) sent: Vec<Duration>,
    /// How late each answer was at this machine's door, whenever the generator came to read it.
    pub(super) late_us: Vec<u64>,
    control: Vec<u8>,
    total: u64,
}

impl Generator {
    pub(super) fn new(total: u64) -> Result<Self> {
        const RAW: i32 = 255;
        let raw = |protocol| {
            Socket::new(Domain::IPV4, Type::RAW, Some(protocol)).context("opening a raw socket")
        };
        let (out, back) = (raw(Protocol::from(RAW))?, raw(Protocol::TCP)?);
        // What waits here while the generator sends must not be lost; only root may ask for so much.
        let _ = setsockopt(&back, RcvBufForce, &BUFFER);
        setsockopt(&back, ReceiveTimestampns, &true).context("asking for time stamps")?;
        back.set_nonblocking(true)
            .context("making a socket non-blocking")?;
        let room = usize::try_from(total).context("too many SYNs")?;
        Ok(Self {
            out,
            back,
            sent: Vec::with_capacity(room),
            late_us: Vec::with_capacity(room),
            control: nix::cmsg_space!(TimeSpec),
            total,
        })
    }

    /// How long the sending took.
    pub(super) fn run(&mut self, rate: u64) -> Result<Duration> {
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
        self.sent.push(calendar());
        self.out
            .send_to(&packet, &SocketAddr::from((host, 0)).into())
            .context("sending a SYN")?;
        Ok(())
    }

    fn listen(&mut self) -> Result<()> {
        let mut packet = [0; 128];
        for _ in 0..4 * AT_ONCE {
            let mut bytes = [IoSliceMut::new(&mut packet)];
            let received = recvmsg::<()>(
                self.back.as_raw_fd(),
                &mut bytes,
                Some(&mut self.control),
                MsgFlags::empty(),
            );
            let received = match received {
                Ok(received) => received,
                Err(Errno::EAGAIN) => return Ok(()),
                Err(error) => return Err(error).context("receiving"),
            };
            let length = received.bytes;
            let stamp = received
                .cmsgs()
                .context("reading a time stamp")?
                .find_map(|entry| match entry {
                    ControlMessageOwned::ScmTimestampns(at) => Some(Duration::from(at)),
                    _ => None,
                });
            let came = stamp.context("the kernel gave no time stamp")?;
            self.note(&packet[..length], came);
        }
        Ok(())
    }

    /// An IPv4 header of 20 bytes, then the acknowledgement at byte 8 of the TCP header.
    fn note(&mut self, packet: &[u8], came: Duration) {
        let number = packet
            .get(28..32)
            .and_then(|bytes| bytes.try_into().ok())
            .map(u32::from_be_bytes);
        let sent = number.and_then(|number| self.sent.get(number.wrapping_sub(1) as usize));
        if let Some(&sent) = sent {
            let late = came.saturating_sub(sent).saturating_sub(RTT);
            self.late_us
                .push(u64::try_from(late.as_micros()).unwrap_or(u64::MAX));
        }
    }
}

/// Time since 1970.
fn calendar() -> Duration {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default()
}
