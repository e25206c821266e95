//! What a kernel says of a port: many connects at once, the ICMP error of each told from a RST by the error queue.

use std::io::{ErrorKind, IoSliceMut};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::os::fd::{AsFd, AsRawFd as _};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sys::socket::sockopt::{Ipv4RecvErr, Ipv6RecvErr};
use nix::sys::socket::{ControlMessageOwned, MsgFlags, SockaddrStorage, recvmsg, setsockopt};
use socket2::{Domain, Socket, Type};

/// How long a port may say nothing before it counts as silent: shorter than the kernel's first retransmission.
pub(crate) const PATIENCE: Duration = Duration::from_millis(700);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    Open,
    /// A RST.
    Closed,
    /// An ICMP error: type, code, sender.
    Icmp(u8, u8, IpAddr),
    Silent,
    /// This machine refused, or the handshake was undone.
    Other(i32),
}

/// Connects to all of them at once.
pub(crate) fn look(ports: &[SocketAddr]) -> Result<Vec<Seen>, Failed> {
    look_with_ttl(ports, 64)
}

pub(crate) fn look_with_ttl(ports: &[SocketAddr], ttl: u32) -> Result<Vec<Seen>, Failed> {
    let mut probes = ports
        .iter()
        .map(|at| Probe::start(*at, ttl))
        .collect::<Result<Vec<_>, _>>()?;
    let end = Instant::now() + PATIENCE;
    while Instant::now() < end && probes.iter().any(|probe| probe.seen.is_none()) {
        let mut waiting: Vec<&mut Probe> = probes
            .iter_mut()
            .filter(|probe| probe.seen.is_none())
            .collect();
        let mut polled: Vec<PollFd<'_>> = waiting
            .iter()
            .map(|probe| PollFd::new(probe.socket.as_fd(), PollFlags::POLLOUT))
            .collect();
        let left = end.saturating_duration_since(Instant::now()).as_millis() as u16 + 1;
        poll(&mut polled, PollTimeout::from(left))?;
        let ready: Vec<bool> = polled.iter().map(|fd| fd.any() == Some(true)).collect();
        for (probe, _) in waiting.iter_mut().zip(ready).filter(|(_, ready)| *ready) {
            probe.harvest()?;
        }
    }
    Ok(probes
        .into_iter()
        .map(|probe| probe.seen.unwrap_or(Seen::Silent))
        .collect())
}

pub(crate) fn look_at(ip: IpAddr, port: u16) -> Result<Seen, Failed> {
    Ok(look(&[SocketAddr::new(ip, port)])?[0])
}

struct Probe {
    socket: Socket,
    at: SocketAddr,
    seen: Option<Seen>,
}

impl Probe {
    fn start(at: SocketAddr, ttl: u32) -> Result<Self, Failed> {
        let socket = Socket::new(Domain::for_address(at), Type::STREAM.nonblocking(), None)?;
        if at.is_ipv6() {
            setsockopt(&socket, Ipv6RecvErr, &true)?;
            socket.set_unicast_hops_v6(ttl)?;
        } else {
            setsockopt(&socket, Ipv4RecvErr, &true)?;
            socket.set_ttl_v4(ttl)?;
        }
        let mut probe = Self {
            socket,
            at,
            seen: None,
        };
        match probe.socket.connect(&at.into()) {
            Err(error) if error.raw_os_error() == Some(Errno::EINPROGRESS as i32) => {}
            Err(error) => probe.failed(error.raw_os_error().unwrap_or(0))?,
            Ok(()) => probe.seen = Some(Seen::Open),
        }
        Ok(probe)
    }

    fn harvest(&mut self) -> Result<(), Failed> {
        match self.socket.connect(&self.at.into()) {
            Ok(()) => self.seen = Some(Seen::Open),
            Err(error) => self.failed(error.raw_os_error().unwrap_or(0))?,
        }
        Ok(())
    }

    fn failed(&mut self, errno: i32) -> Result<(), Failed> {
        self.seen = match (self.icmp()?, Errno::from_raw(errno)) {
            (Some(icmp), _) => Some(icmp),
            (None, Errno::EISCONN) => Some(Seen::Open),
            (None, Errno::EALREADY) => None,
            (None, Errno::ECONNREFUSED) => Some(Seen::Closed),
            (None, _) => Some(Seen::Other(errno)),
        };
        Ok(())
    }

    /// The entry of the error queue, if there is one.
    fn icmp(&self) -> Result<Option<Seen>, Failed> {
        let mut bytes = [0; 256];
        let mut buffer = [IoSliceMut::new(&mut bytes)];
        let mut space = vec![0; 512];
        let fd = self.socket.as_raw_fd();
        let message = match recvmsg::<SockaddrStorage>(
            fd,
            &mut buffer,
            Some(&mut space),
            MsgFlags::MSG_ERRQUEUE,
        ) {
            Err(Errno::EAGAIN) => return Ok(None),
            other => other?,
        };
        for control in message.cmsgs()? {
            match control {
                ControlMessageOwned::Ipv4RecvErr(error, Some(from)) => {
                    let ip = Ipv4Addr::from_bits(u32::from_be(from.sin_addr.s_addr));
                    return Ok(Some(Seen::Icmp(error.ee_type, error.ee_code, ip.into())));
                }
                ControlMessageOwned::Ipv6RecvErr(error, Some(from)) => {
                    let ip = Ipv6Addr::from(from.sin6_addr.s6_addr);
                    return Ok(Some(Seen::Icmp(error.ee_type, error.ee_code, ip.into())));
                }
                _ => {}
            }
        }
        Ok(None)
    }
}

/// Reads until the peer closes or says nothing more for a while.
pub(crate) fn read_all(stream: &mut std::net::TcpStream) -> Result<Vec<u8>, Failed> {
    use std::io::Read as _;
    stream.set_read_timeout(Some(PATIENCE))?;
    let mut all = Vec::new();
    match stream.read_to_end(&mut all) {
        Err(error) if error.kind() != ErrorKind::WouldBlock => Err(error.into()),
        _ => Ok(all),
    }
}
