//! Two questions to the kernel's routing socket (rtnetlink(7)): has an interface gone down, and is
//! a neighbour's link address still being asked for?

use std::io;
use std::mem::MaybeUninit;
use std::net::IpAddr;

use picaporte_core::{Address, Departure};
use socket2::{Domain, Protocol, Socket, Type};

const NETLINK_ROUTE: i32 = 0;
/// Message types of linux/rtnetlink.h.
const RTM_NEWLINK: u16 = 16;
const RTM_DELLINK: u16 = 17;
const RTM_DELADDR: u16 = 21;
const RTM_NEWNEIGH: u16 = 28;
const RTM_GETNEIGH: u16 = 30;
const NLM_F_REQUEST: u16 = 1;
const NDA_DST: u16 = 1;
/// States of linux/neighbour.h: being asked for, and given up.
const NUD_INCOMPLETE: u16 = 0x01;
const NUD_FAILED: u16 = 0x20;
const IFF_LOWER_UP: u32 = 1 << 16;
/// Multicast groups: interfaces, IPv4 and IPv6 addresses.
const GROUPS: u32 = 0x1 | 0x10 | 0x100;
const HEADER: usize = 16;

/// Tells whether an interface went down or lost an address since it was last asked.
#[derive(Debug)]
pub(crate) struct Watch(Socket);

impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        open(GROUPS).map(Self)
    }

    /// Whether something was lost. An overrun of the queue counts as a loss: nobody knows.
    pub(crate) fn lost(&mut self) -> bool {
        let mut lost = false;
        let mut buffer = [MaybeUninit::<u8>::uninit(); 8192];
        loop {
            match self.0.recv(&mut buffer) {
                Ok(n) => {
                    lost |= messages(filled(&buffer, n)).any(|(kind, body)| is_loss(kind, body));
                }
                Err(e) if crate::errno::would_block(&e) => return lost,
                Err(_) => return true,
            }
        }
    }
}

/// Asks for the state of single neighbours.
#[derive(Debug)]
pub(crate) struct Neighbours(Socket);

impl Neighbours {
    pub(crate) fn new() -> io::Result<Self> {
        open(0).map(Self)
    }

    /// How this neighbour stands on this interface. Before Linux 5.0 it can't be asked for alone,
    /// and is unknown.
    pub(crate) fn state(&mut self, address: Address, interface: u32) -> Departure {
        match self.bits(address, interface) {
            Some(bits) if bits & NUD_INCOMPLETE != 0 => Departure::Waits,
            Some(bits) if bits & NUD_FAILED != 0 => Departure::NoNeighbour,
            Some(_) => Departure::Leaves,
            None => Departure::Unknown,
        }
    }

    fn bits(&mut self, address: Address, interface: u32) -> Option<u16> {
        self.0.send(&request(address.ip, interface)).ok()?;
        let mut buffer = [MaybeUninit::<u8>::uninit(); 4096];
        // The kernel answers before send() returns.
        let n = self.0.recv(&mut buffer).ok()?;
        let (kind, body) = messages(filled(&buffer, n)).next()?;
        let state = body.get(8..10)?;
        (kind == RTM_NEWNEIGH).then(|| u16::from_ne_bytes([state[0], state[1]]))
    }
}

fn open(groups: u32) -> io::Result<Socket> {
    let domain = Domain::from(libc::AF_NETLINK);
    let socket = Socket::new(
        domain,
        Type::RAW.nonblocking(),
        Some(Protocol::from(NETLINK_ROUTE)),
    )?;
    nix::sys::socket::bind(
        std::os::fd::AsRawFd::as_raw_fd(&socket),
        &nix::sys::socket::NetlinkAddr::new(0, groups),
    )?;
    Ok(socket)
}

/// nlmsghdr, ndmsg and one attribute, as in linux/netlink.h and linux/neighbour.h.
fn request(address: IpAddr, interface: u32) -> Vec<u8> {
    let (family, bytes) = match address {
        IpAddr::V4(a) => (libc::AF_INET as u8, a.octets().to_vec()),
        IpAddr::V6(a) => (libc::AF_INET6 as u8, a.octets().to_vec()),
    };
    let attribute = 4 + bytes.len() as u16;
    let length = HEADER as u32 + 12 + u32::from(attribute);
    let mut out = Vec::with_capacity(length as usize);
    out.extend(length.to_ne_bytes());
    out.extend(RTM_GETNEIGH.to_ne_bytes());
    out.extend(NLM_F_REQUEST.to_ne_bytes());
    out.extend([0; 8]);
    out.extend([family, 0, 0, 0]);
    out.extend(interface.to_ne_bytes());
    out.extend([0; 4]);
    out.extend(attribute.to_ne_bytes());
    out.extend(NDA_DST.to_ne_bytes());
    out.extend(bytes);
    out
}

/// The messages of a datagram: type and body. Stops at the first that does not fit.
fn messages(mut data: &[u8]) -> impl Iterator<Item = (u16, &[u8])> {
    std::iter::from_fn(move || {
        let length = u32::from_ne_bytes(data.get(..4)?.try_into().ok()?) as usize;
        let kind = u16::from_ne_bytes(data.get(4..6)?.try_into().ok()?);
        let body = data.get(HEADER..length)?;
        data = data.get(length.next_multiple_of(4)..).unwrap_or_default();
        Some((kind, body))
    })
}

fn is_loss(kind: u16, body: &[u8]) -> bool {
    match kind {
        RTM_DELLINK | RTM_DELADDR => true,
        // ifinfomsg: the flags stand at byte 8.
        RTM_NEWLINK => body
            .get(8..12)
            .and_then(|f| f.try_into().ok())
            .is_some_and(|f| u32::from_ne_bytes(f) & IFF_LOWER_UP == 0),
        _ => false,
    }
}

fn filled(buffer: &[MaybeUninit<u8>], n: usize) -> &[u8] {
    // SAFETY: recv() has written the first n bytes, and n is at most the buffer's length.
    unsafe { std::slice::from_raw_parts(buffer.as_ptr().cast(), n.min(buffer.len())) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_datagrams_are_read_within_bounds() {
        for data in [&[][..], &[1], &[255; 40], &[0; 64], &[16, 0, 0, 0, 16, 0]] {
            assert!(messages(data).take(100).count() < 100);
        }
    }

    #[test]
    fn a_link_without_carrier_is_a_loss() {
        let mut body = [0u8; 16];
        assert!(is_loss(RTM_NEWLINK, &body));
        body[8..12].copy_from_slice(&(IFF_LOWER_UP | 1).to_ne_bytes());
        assert!(!is_loss(RTM_NEWLINK, &body));
        assert!(is_loss(RTM_DELADDR, &[]));
        assert!(!is_loss(RTM_NEWNEIGH, &body));
    }

    #[test]
    fn the_kernel_answers_or_says_that_it_has_no_such_neighbour() {
        let mut neighbours = Neighbours::new().unwrap();
        let unknown = Address::new([192, 0, 2, 1].into());
        assert_eq!(neighbours.state(unknown, 1), Departure::Unknown);
        assert!(!Watch::new().unwrap().lost());
    }
}
