//! The error queue of a socket: which ICMP error came, and from which device (ip(7), `IP_RECVERR`).

use std::os::fd::RawFd;

use picaporte_core::Icmp;

/// An entry of the error queue.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    /// The ICMP or ICMPv6 error.
    pub icmp: Icmp,
}

/// Takes the first ICMP entry off the error queue, and drains the rest so that the socket can be
/// used again. Costs one system call when the queue is empty.
#[cfg(target_os = "linux")]
pub(crate) fn take(fd: RawFd) -> Option<Entry> {
    let mut first = None;
    // A probe sends one SYN and a few retransmissions; more entries than that are not ours.
    for _ in 0..16 {
        match linux::next(fd) {
            linux::Next::Empty => break,
            linux::Next::Other => {}
            linux::Next::Icmp(icmp) => first = first.or(Some(Entry { icmp })),
        }
    }
    first
}

#[cfg(not(target_os = "linux"))]
pub(crate) fn take(_fd: RawFd) -> Option<Entry> {
    None
}

#[cfg(target_os = "linux")]
mod linux {
    use std::mem::{MaybeUninit, size_of};
    use std::net::Ipv4Addr;
    use std::os::fd::RawFd;

    use picaporte_core::{Address, Icmp};

    use crate::socket::v6_address;

    pub(super) enum Next {
        Empty,
        Other,
        Icmp(Icmp),
    }

    /// Room for the control message: `sock_extended_err` and a `sockaddr_in6`, with headers; aligned
    /// as cmsghdr must be.
    #[repr(C, align(8))]
    struct Control([u8; 128]);

    pub(super) fn next(fd: RawFd) -> Next {
        let mut control = Control([0; 128]);
        let mut data = [0u8; 64];
        let mut vector = libc::iovec {
            iov_base: data.as_mut_ptr().cast(),
            iov_len: data.len(),
        };
        // SAFETY: msghdr holds only integers and pointers; all-zero bytes are a valid one.
        let mut message: libc::msghdr = unsafe { MaybeUninit::zeroed().assume_init() };
        message.msg_iov = &raw mut vector;
        message.msg_iovlen = 1;
        message.msg_control = control.0.as_mut_ptr().cast();
        message.msg_controllen = control.0.len() as _;
        // SAFETY: every pointer in `message` is to a local of at least the length given beside it.
        let got = unsafe {
            libc::recvmsg(
                fd,
                &raw mut message,
                libc::MSG_ERRQUEUE | libc::MSG_DONTWAIT,
            )
        };
        if got < 0 {
            return Next::Empty;
        }
        read_control(&message)
    }

    fn read_control(message: &libc::msghdr) -> Next {
        // SAFETY: the kernel filled the control buffer of `message`, which is still alive; the
        // CMSG macros stay inside msg_controllen, and each payload is read unaligned and only
        // where its length says that it is there.
        unsafe {
            let mut header = libc::CMSG_FIRSTHDR(message);
            while !header.is_null() {
                let level = ((*header).cmsg_level, (*header).cmsg_type);
                let payload = (*header).cmsg_len as usize - libc::CMSG_LEN(0) as usize;
                let is_error = level == (libc::SOL_IP, libc::IP_RECVERR)
                    || level == (libc::SOL_IPV6, libc::IPV6_RECVERR);
                if is_error && payload >= size_of::<libc::sock_extended_err>() {
                    let data = libc::CMSG_DATA(header);
                    let error: libc::sock_extended_err =
                        data.cast::<libc::sock_extended_err>().read_unaligned();
                    let from = data.add(size_of::<libc::sock_extended_err>());
                    return icmp(&error, from, payload - size_of::<libc::sock_extended_err>());
                }
                header = libc::CMSG_NXTHDR(message, header);
            }
        }
        Next::Other
    }

    /// # Safety
    /// `from` must point to `length` readable bytes.
    unsafe fn icmp(error: &libc::sock_extended_err, from: *const u8, length: usize) -> Next {
        let v6 = match error.ee_origin {
            libc::SO_EE_ORIGIN_ICMP => false,
            libc::SO_EE_ORIGIN_ICMP6 => true,
            _ => return Next::Other,
        };
        // SAFETY: promised by the caller.
        let from = unsafe { offender(from, length) };
        Next::Icmp(Icmp {
            v6,
            kind: error.ee_type,
            code: error.ee_code,
            from,
        })
    }

    /// # Safety
    /// `from` must point to `length` readable bytes.
    unsafe fn offender(from: *const u8, length: usize) -> Option<Address> {
        if length < size_of::<libc::sockaddr_in>() {
            return None;
        }
        // SAFETY: there are bytes enough for a sockaddr_in, and for a sockaddr_in6 where checked;
        // both hold only integers, and are read unaligned.
        unsafe {
            let v4 = from.cast::<libc::sockaddr_in>().read_unaligned();
            match i32::from(v4.sin_family) {
                libc::AF_INET => {
                    let ip = Ipv4Addr::from_bits(u32::from_be(v4.sin_addr.s_addr));
                    Some(Address::new(ip.into()))
                }
                libc::AF_INET6 if length >= size_of::<libc::sockaddr_in6>() => {
                    let v6 = from.cast::<libc::sockaddr_in6>().read_unaligned();
                    Some(v6_address(v6.sin6_addr.s6_addr, v6.sin6_scope_id))
                }
                _ => None,
            }
        }
    }
}
