//! The one place that reads errno: what each error of a socket call means for an attempt.
//!
//! Sources: connect(2), tcp(7), and `icmp_err_convert` in Linux net/ipv4/icmp.c.

use std::io;

use picaporte_core::LocalError;

/// What a `connect()` said, first or repeated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Said {
    /// The connection is there.
    Connected,
    /// The SYN is out (EINPROGRESS), or still unanswered (EALREADY).
    Pending,
    /// ECONNREFUSED: a RST, or an ICMP port-unreachable.
    Refused,
    /// ECONNRESET: a SYN-ACK, then a RST.
    Reset,
    /// ETIMEDOUT: the system itself has given up.
    GaveUp,
    /// An ICMP error, a missing neighbour, or no route: the error queue tells.
    Unreachable,
    /// The socket is not in a state to connect; another one must be used.
    Unusable,
    /// This machine lacks something.
    Lacking(LocalError),
}

/// Reads what a `connect()` said.
pub(crate) fn connect(result: io::Result<()>) -> Said {
    let error = match result {
        Ok(()) => return Said::Connected,
        Err(error) => error,
    };
    match error.raw_os_error().unwrap_or(0) {
        libc::EINPROGRESS | libc::EALREADY | libc::EINTR => Said::Pending,
        libc::ECONNREFUSED => Said::Refused,
        libc::ECONNRESET => Said::Reset,
        libc::ETIMEDOUT => Said::GaveUp,
        libc::EISCONN => Said::Connected,
        libc::ECONNABORTED | libc::EBADF | libc::ENOTSOCK => Said::Unusable,
        libc::EADDRNOTAVAIL
        | libc::EAGAIN
        | libc::ENOBUFS
        | libc::ENOMEM
        | libc::EMFILE
        | libc::ENFILE => Said::Lacking(LocalError::Limit),
        // ENETUNREACH, EHOSTUNREACH, EHOSTDOWN, ENONET, EPROTO, ENOPROTOOPT, EOPNOTSUPP, EACCES:
        // each has an ICMP error that becomes it. Without one, this machine has no way:
        // also EPERM (its own firewall), EINVAL (a blackhole route), ENETDOWN, ENODEV.
        _ => Said::Unreachable,
    }
}

/// Reads why a socket could not be had or set up.
pub(crate) fn socket(error: &io::Error) -> LocalError {
    match error.raw_os_error().unwrap_or(0) {
        libc::EMFILE
        | libc::ENFILE
        | libc::ENOBUFS
        | libc::ENOMEM
        | libc::EAGAIN
        | libc::EADDRINUSE => LocalError::Limit,
        // No IPv6 here, no such source address, no such interface any more.
        _ => LocalError::Route,
    }
}

/// Reads how a system call went that says -1 where it failed.
pub(crate) fn result(said: libc::c_int) -> io::Result<()> {
    if said < 0 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}

/// What reading from a connection that is being closed said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// This many bytes.
    Bytes(usize),
    /// The peer's FIN.
    End,
    /// Nothing yet.
    Nothing,
    /// The peer's RST.
    Reset,
    /// This machine ended the connection.
    Lost,
}

/// Reads what `recv()` said.
pub(crate) fn read(result: io::Result<usize>) -> Read {
    match result {
        Ok(0) => Read::End,
        Ok(n) => Read::Bytes(n),
        Err(error) => match error.kind() {
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::NotConnected => Read::Reset,
            io::ErrorKind::TimedOut | io::ErrorKind::ConnectionAborted => Read::Lost,
            // An ICMP error on behalf of the connection is said once, and is nothing that the peer did.
            _ => Read::Nothing,
        },
    }
}

/// What a look at what may be read said, of a connection that may not stand yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Peeked {
    /// Bytes are there.
    Bytes,
    /// None are; `connect` says how the attempt goes.
    Nothing,
    /// It came to nothing; why is said once, and `connect` would not know it any more.
    Broken,
}

/// Reads what `recv()` with `MSG_PEEK` said.
pub(crate) fn peek(result: io::Result<usize>) -> Peeked {
    match result {
        Ok(0) => Peeked::Nothing,
        Ok(_) => Peeked::Bytes,
        // Where the system says ENOTCONN of what is being connected (BSD), that is nothing new.
        Err(error) if would_block(&error) || error.kind() == io::ErrorKind::NotConnected => {
            Peeked::Nothing
        }
        Err(_) => Peeked::Broken,
    }
}

/// What writing to a connection said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Written {
    /// This many bytes are with the system.
    Bytes(usize),
    /// Nothing more fits for now.
    Full,
    /// The connection is broken.
    Broken,
}

/// Reads what `send()` said.
pub(crate) fn write(result: io::Result<usize>) -> Written {
    match result {
        Ok(n) => Written::Bytes(n),
        Err(error) if would_block(&error) => Written::Full,
        Err(_) => Written::Broken,
    }
}

/// Whether an error means that there is nothing to be read yet.
pub(crate) fn would_block(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_reset_is_one() {
        for (errno, said) in [
            (libc::ECONNRESET, Read::Reset),
            (libc::EPIPE, Read::Reset),
            (libc::ENOTCONN, Read::Reset),
            (libc::ETIMEDOUT, Read::Lost),
            (libc::ECONNABORTED, Read::Lost),
            (libc::EAGAIN, Read::Nothing),
            (libc::EINTR, Read::Nothing),
            // What ICMP errors become.
            (libc::ECONNREFUSED, Read::Nothing),
            (libc::EHOSTUNREACH, Read::Nothing),
            (libc::EACCES, Read::Nothing),
            (libc::ENOPROTOOPT, Read::Nothing),
        ] {
            let read = read(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(read, said, "errno {errno}");
        }
    }

    #[test]
    fn nothing_to_be_read_is_no_end_of_an_attempt() {
        assert_eq!((peek(Ok(0)), peek(Ok(1))), (Peeked::Nothing, Peeked::Bytes));
        for (errno, said) in [
            (libc::EAGAIN, Peeked::Nothing),
            (libc::EINTR, Peeked::Nothing),
            (libc::ENOTCONN, Peeked::Nothing),
            (libc::ECONNREFUSED, Peeked::Broken),
            (libc::ECONNRESET, Peeked::Broken),
            (libc::EHOSTUNREACH, Peeked::Broken),
        ] {
            let said_it = peek(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(said_it, said, "errno {errno}");
        }
    }

    #[test]
    fn what_this_machine_lacks_is_never_an_answer() {
        for errno in [
            libc::EMFILE,
            libc::ENFILE,
            libc::ENOBUFS,
            libc::ENOMEM,
            libc::EADDRNOTAVAIL,
            libc::EAGAIN,
        ] {
            let said = connect(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(said, Said::Lacking(LocalError::Limit), "errno {errno}");
        }
        for errno in [
            libc::ENETUNREACH,
            libc::EHOSTUNREACH,
            libc::ENETDOWN,
            libc::EPERM,
            libc::EACCES,
            libc::EINVAL,
        ] {
            let said = connect(Err(io::Error::from_raw_os_error(errno)));
            assert_eq!(said, Said::Unreachable, "errno {errno}");
        }
    }
}
