//! What really went over the wire: a capture of one namespace's links, with the kernel's own time stamps. A
//! capture that lost a packet fails the test instead of passing silently. Knows nothing of verdicts.

use std::io::{self, IoSliceMut};
use std::net::{Ipv4Addr, UdpSocket};
use std::os::fd::AsRawFd as _;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use nix::errno::Errno;
use nix::sys::socket::{ControlMessageOwned, LinkAddr, MsgFlags, recvmsg, setsockopt, sockopt};
use socket2::{Domain, Protocol, Socket, Type};

pub(crate) use crate::frame::Packet;
use crate::frame::{Frame, parse};
use crate::world::Netns;

/// `ETH_P_ALL` of `linux/if_ether.h`.
const EVERY_PROTOCOL: u16 = 0x0003;
/// `PACKET_OUTGOING` of `linux/if_packet.h`.
const OUTGOING: u8 = 4;
/// Loopback is the first interface of every namespace.
const LOOPBACK_INDEX: usize = 1;
/// Headers are enough; payload is only counted.
const SNAP_BYTES: usize = 160;
const BUFFER_BYTES: usize = 64 << 20;
/// How long a capture may take to be read to its end, or a condition to be seen, before the test fails.
const PATIENCE: Duration = Duration::from_secs(90);

/// The SYNs that the namespace sent, retransmissions included, in order of time.
pub(crate) fn syns(packets: &[Packet]) -> impl Iterator<Item = &Packet> {
    packets
        .iter()
        .filter(|packet| packet.sent && packet.is_syn())
}

/// The most events that fall into any window of this length, open at its end.
pub(crate) fn most_within(window: Duration, times: &[Duration]) -> usize {
    let mut first = 0;
    let mut most = 0;
    for (last, &time) in times.iter().enumerate() {
        while time.saturating_sub(times[first]) >= window {
            first += 1;
        }
        most = most.max(last - first + 1);
    }
    most
}

/// A capture that runs until it is finished.
pub(crate) struct Capture {
    shared: Arc<Shared>,
    reader: JoinHandle<Result<(), String>>,
    /// Bound inside the namespace; a datagram from it marks the end of the capture.
    marker: UdpSocket,
}

#[derive(Default)]
struct Shared {
    packets: Mutex<Vec<Packet>>,
    grown: Condvar,
}

impl Capture {
    /// Starts to record everything that passes the links of `netns`, loopback left out.
    pub(crate) fn start(netns: &Netns) -> Result<Self, Failed> {
        let (socket, marker) = netns.inside(|| {
            io::Result::Ok((open_socket()?, UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?))
        })??;
        let marker_port = marker.local_addr()?.port();
        let shared = Arc::new(Shared::default());
        let reader = thread::spawn({
            let shared = Arc::clone(&shared);
            move || read_to_marker(&socket, marker_port, &shared)
        });
        Ok(Self {
            shared,
            reader,
            marker,
        })
    }

    /// Waits until the packets recorded so far satisfy `seen`.
    pub(crate) fn wait_for(
        &self,
        what: &str,
        mut seen: impl FnMut(&[Packet]) -> bool,
    ) -> Result<(), Failed> {
        let packets = self
            .shared
            .packets
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let (packets, timeout) = self
            .shared
            .grown
            .wait_timeout_while(packets, PATIENCE, |packets| !seen(packets))
            .unwrap_or_else(PoisonError::into_inner);
        if timeout.timed_out() {
            return Err(format!(
                "not seen on the wire within {PATIENCE:?}: {what} ({} packets)",
                packets.len()
            )
            .into());
        }
        Ok(())
    }

    /// Waits until the namespace has sent this many SYNs.
    pub(crate) fn wait_for_syns(&self, count: usize) -> Result<(), Failed> {
        let (mut looked_at, mut seen) = (0, 0);
        self.wait_for(&format!("{count} SYNs"), |packets| {
            seen += syns(&packets[looked_at..]).count();
            looked_at = packets.len();
            seen >= count
        })
    }

    /// Everything recorded until now, or an error if the kernel had to drop any of it.
    pub(crate) fn finish(self) -> Result<Vec<Packet>, Failed> {
        let deadline = Instant::now() + PATIENCE;
        while !self.reader.is_finished() {
            if Instant::now() > deadline {
                return Err(
                    format!("the end of the capture was not reached within {PATIENCE:?}").into(),
                );
            }
            // Sent again and again, since a full buffer drops the marker like any other packet.
            self.marker
                .send_to(b"end of capture", (Ipv4Addr::LOCALHOST, 9))?;
            thread::park_timeout(Duration::from_millis(20));
        }
        self.reader
            .join()
            .map_err(|_| Failed::from("the reader of the capture panicked"))??;
        let mut packets = std::mem::take(
            &mut *self
                .shared
                .packets
                .lock()
                .unwrap_or_else(PoisonError::into_inner),
        );
        packets.sort_by_key(|packet| packet.at);
        Ok(packets)
    }
}

fn open_socket() -> io::Result<Socket> {
    let protocol = Protocol::from(i32::from(EVERY_PROTOCOL.to_be()));
    let socket = Socket::new(Domain::PACKET, Type::RAW, Some(protocol))?;
    // Beyond rmem_max only root may go; others get what the system allows, and a loss is noticed.
    if setsockopt(&socket, sockopt::RcvBufForce, &BUFFER_BYTES).is_err() {
        socket.set_recv_buffer_size(BUFFER_BYTES)?;
    }
    setsockopt(&socket, sockopt::ReceiveTimestampns, &true)?;
    setsockopt(&socket, sockopt::RxqOvfl, &1)?;
    Ok(socket)
}

fn read_to_marker(socket: &Socket, marker_port: u16, shared: &Shared) -> Result<(), String> {
    let mut control = nix::cmsg_space!(nix::sys::time::TimeSpec, u32);
    loop {
        match receive(socket, &mut control)? {
            Frame::Lost(count) => {
                return Err(format!(
                    "the capture lost {count} packets: its buffer was full"
                ));
            }
            Frame::Loopback { source_port } if source_port == marker_port => return Ok(()),
            Frame::Loopback { .. } | Frame::Other => {}
            Frame::Packet(packet) => {
                shared
                    .packets
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .push(packet);
                shared.grown.notify_all();
            }
        }
    }
}

fn receive(socket: &Socket, control: &mut [u8]) -> Result<Frame, String> {
    let mut bytes = [0; SNAP_BYTES];
    let mut space = [IoSliceMut::new(&mut bytes)];
    let message = match recvmsg::<LinkAddr>(
        socket.as_raw_fd(),
        &mut space,
        Some(control),
        MsgFlags::empty(),
    ) {
        Err(Errno::EINTR) => return Ok(Frame::Other),
        received => received.map_err(|e| format!("reading the capture: {e}"))?,
    };
    let mut at = Duration::ZERO;
    for entry in message
        .cmsgs()
        .map_err(|e| format!("control data of the capture: {e}"))?
    {
        match entry {
            ControlMessageOwned::ScmTimestampns(time) => at = Duration::from(time),
            ControlMessageOwned::RxqOvfl(count) => return Ok(Frame::Lost(count)),
            _ => {}
        }
    }
    let Some(link) = message.address else {
        return Ok(Frame::Other);
    };
    let length = message.bytes;
    Ok(parse(
        &bytes[..length],
        at,
        link.pkttype() == OUTGOING,
        link.ifindex() == LOOPBACK_INDEX,
    ))
}
