//! One scan socket: made, connected, reused, asked what it knows, given up.
//!
//! Linux puts a socket back to unconnected when the error of a refused connect is harvested by
//! calling `connect()` again, ready for the next address; other systems need a new one.

use std::io;
use std::mem::{MaybeUninit, size_of};
use std::net::{Ipv6Addr, Shutdown, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::os::fd::{AsRawFd, RawFd};

use picaporte_core::Address;
use socket2::{Domain, Protocol, SockAddr, Socket, Type};

use crate::errno::{self, Said};
use crate::gate::Destination;
use crate::running::Network;
#[cfg(target_os = "linux")]
use crate::tcp_info;
use crate::tcp_info::Info;

/// Whether a socket can be connected again after a refusal.
pub(crate) const REUSABLE: bool = cfg!(target_os = "linux");

/// Whether a RST can be told from an ICMP port-unreachable: where the system has a queue of errors.
pub(crate) const TELLS_REJECTIONS: bool = cfg!(target_os = "linux");

/// A non-blocking TCP socket.
#[derive(Debug)]
pub(crate) struct Probe {
    socket: Socket,
    pub v6: bool,
}

/// How far a SYN may go, and from how far its answer may come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Hops {
    /// The time to live or hop limit of what is sent, from 1.
    pub ttl: u8,
    /// The least with which an answer must arrive to be seen; 0 for any.
    pub min_ttl: u8,
}

impl Probe {
    pub(crate) fn new(v6: bool, network: &Network) -> io::Result<Self> {
        let domain = if v6 { Domain::IPV6 } else { Domain::IPV4 };
        let socket = Socket::new(domain, Type::STREAM.nonblocking(), Some(Protocol::TCP))?;
        let probe = Self { socket, v6 };
        probe.receive_errors()?;
        probe.bind(network)?;
        Ok(probe)
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.socket.as_raw_fd()
    }

    /// Begins an attempt, or asks how the last one went: connect(2) does both.
    pub(crate) fn connect(&self, to: Destination) -> Said {
        errno::connect(self.socket.connect(&sock_addr(to)))
    }

    /// Limits the hops of what is sent and received.
    pub(crate) fn limit(&self, hops: Hops) -> io::Result<()> {
        if self.v6 {
            self.socket.set_unicast_hops_v6(hops.ttl.into())?;
        } else {
            self.socket.set_ttl_v4(hops.ttl.into())?;
        }
        if hops.min_ttl > 0 {
            self.least(hops.min_ttl)?;
        }
        Ok(())
    }

    /// RFC 5082: what arrives with less is dropped by the kernel (ip(7), `IP_MINTTL`; since Linux 2.6.34,
    /// for IPv6 2.6.35).
    #[cfg(target_os = "linux")]
    fn least(&self, min_ttl: u8) -> io::Result<()> {
        let (level, name) = if self.v6 {
            (libc::IPPROTO_IPV6, libc::IPV6_MINHOPCOUNT)
        } else {
            (libc::IPPROTO_IP, libc::IP_MINTTL)
        };
        let least = libc::c_int::from(min_ttl);
        // SAFETY: the descriptor is open as long as `self`, and the value is a whole int that outlives the call.
        let result = unsafe {
            libc::setsockopt(
                self.fd(),
                level,
                name,
                (&raw const least).cast(),
                size_of::<libc::c_int>() as libc::socklen_t,
            )
        };
        errno::result(result)
    }

    #[cfg(not(target_os = "linux"))]
    fn least(&self, _: u8) -> io::Result<()> {
        Err(io::ErrorKind::Unsupported.into())
    }

    /// Takes a socket in SYN_SENT back to unconnected, without a packet on the wire.
    /// Says whether it can be used again.
    pub(crate) fn disconnect(&self) -> bool {
        if !REUSABLE {
            return false;
        }
        let unspec = libc::sockaddr {
            sa_family: libc::AF_UNSPEC as libc::sa_family_t,
            ..zeroed_sockaddr()
        };
        // SAFETY: the descriptor is open as long as `self`, and the address is a whole sockaddr.
        let result = unsafe {
            libc::connect(
                self.fd(),
                &raw const unspec,
                size_of::<libc::sockaddr>() as libc::socklen_t,
            )
        };
        result == 0
    }

    /// Whether the system connected the socket to itself.
    pub(crate) fn is_self_connected(&self) -> bool {
        match (self.socket.local_addr(), self.socket.peer_addr()) {
            (Ok(own), Ok(peer)) => own.as_socket() == peer.as_socket(),
            _ => false,
        }
    }

    pub(crate) fn shutdown(&self) {
        // A failure means that the peer was faster; reading tells how it ended.
        let _ = self.socket.shutdown(Shutdown::Write);
    }

    pub(crate) fn read(&self, into: &mut [MaybeUninit<u8>]) -> errno::Read {
        errno::read(self.socket.recv(into))
    }

    /// The same, into bytes that are there.
    pub(crate) fn read_bytes(&self, into: &mut [u8]) -> errno::Read {
        errno::read(io::Read::read(&mut &self.socket, into))
    }

    /// Whether anything is there to be read.
    pub(crate) fn peek(&self) -> errno::Peeked {
        errno::peek(self.socket.peek(&mut [MaybeUninit::uninit()]))
    }

    /// Sends what the system takes of these bytes.
    pub(crate) fn write(&self, bytes: &[u8]) -> errno::Written {
        // A peer that is gone is an error here, and no signal to this process.
        errno::write(self.socket.send_with_flags(bytes, libc::MSG_NOSIGNAL))
    }

    #[cfg(target_os = "linux")]
    pub(crate) fn info(&self) -> Info {
        let mut bytes = [0_u8; tcp_info::ROOM];
        let mut length = bytes.len() as libc::socklen_t;
        // SAFETY: the kernel writes at most `length` bytes to a buffer of that length, and the descriptor is open as
        // long as `self`.
        let result = unsafe {
            libc::getsockopt(
                self.fd(),
                libc::IPPROTO_TCP,
                libc::TCP_INFO,
                bytes.as_mut_ptr().cast(),
                &raw mut length,
            )
        };
        let told = if result == 0 { length as usize } else { 0 };
        Info::read(&bytes[..told.min(tcp_info::ROOM)])
    }

    #[cfg(not(target_os = "linux"))]
    pub(crate) fn info(&self) -> Info {
        Info::default()
    }

    /// Asks for ICMP errors with their sender, before the first connect.
    #[cfg(target_os = "linux")]
    fn receive_errors(&self) -> io::Result<()> {
        use nix::sys::socket::{setsockopt, sockopt};
        if self.v6 {
            setsockopt(&self.socket, sockopt::Ipv6RecvErr, &true)?;
        } else {
            setsockopt(&self.socket, sockopt::Ipv4RecvErr, &true)?;
        }
        Ok(())
    }

    #[cfg(not(target_os = "linux"))]
    fn receive_errors(&self) -> io::Result<()> {
        Ok(())
    }

    fn bind(&self, network: &Network) -> io::Result<()> {
        #[cfg(target_os = "linux")]
        if let Some(interface) = &network.interface {
            self.socket.bind_device(Some(interface.as_bytes()))?;
        }
        if let Some(source) = network.source
            && source.is_ipv6() == self.v6
        {
            // The port is chosen at connect(), when the destination is known.
            #[cfg(target_os = "linux")]
            nix::sys::socket::setsockopt(
                &self.socket,
                nix::sys::socket::sockopt::IpBindAddressNoPort,
                &true,
            )?;
            self.socket.bind(&SocketAddr::new(source, 0).into())?;
        }
        Ok(())
    }
}

/// The address of a port, in the system's form.
fn sock_addr(to: Destination) -> SockAddr {
    let (address, port) = (to.address(), to.port());
    match address.ip {
        std::net::IpAddr::V4(ip) => SocketAddrV4::new(ip, port).into(),
        std::net::IpAddr::V6(ip) => SocketAddrV6::new(ip, port, 0, address.scope).into(),
    }
}

/// The address in a kernel `sockaddr_in6`.
pub(crate) fn v6_address(bytes: [u8; 16], scope: u32) -> Address {
    Address {
        scope,
        ..Address::new(Ipv6Addr::from(bytes).into())
    }
}

fn zeroed_sockaddr() -> libc::sockaddr {
    // SAFETY: sockaddr holds only integers; all-zero bytes are a valid one.
    unsafe { MaybeUninit::zeroed().assume_init() }
}
