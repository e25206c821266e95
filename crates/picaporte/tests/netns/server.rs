//! Listeners with manners of their own, one thread per server, on both address families. They live in a
//! namespace and end with the value that started them. Knows nothing of who connects.

use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv6Addr, Shutdown, SocketAddr};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use libtest_mimic::Failed;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use socket2::{Domain, Socket, Type};

use crate::world::Netns;

/// What a server does with a connection. All but the last three close when the peer has closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Manner {
    /// Says nothing.
    Silent,
    /// Speaks first.
    Banner,
    /// Closes as soon as it has accepted.
    CloseAtOnce,
    /// Resets as soon as it has accepted.
    ResetOnAccept,
    /// Closes this long after the peer has.
    CloseLate(Duration),
    /// Sends without end.
    Firehose,
    /// Never closes, whatever the peer does.
    HoldOpen,
    /// Leaves connections in the backlog.
    NeverAccept,
}

const BANNER: &[u8] = b"220 mail.example.org ESMTP ready\r\n";
const BACKLOG: i32 = 4096;

/// Listeners on some ports of a namespace, until dropped.
pub(crate) struct Server {
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<()>>,
}

impl Server {
    /// Listens on every one of `ports`, on every address of `netns`.
    pub(crate) fn start(
        netns: &Netns,
        manner: Manner,
        ports: impl IntoIterator<Item = u16>,
    ) -> Result<Self, Failed> {
        let ports: Vec<u16> = ports.into_iter().collect();
        let listeners = netns.inside(|| {
            ports
                .iter()
                .map(|&port| listen(port))
                .collect::<io::Result<Vec<_>>>()
        })??;
        let (stop, stopped) = UnixStream::pair()?;
        let thread = thread::spawn(move || serve(&listeners, manner, &stopped));
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn listen(port: u16) -> io::Result<Socket> {
    let socket = Socket::new(Domain::IPV6, Type::STREAM.nonblocking(), None)?;
    socket.set_only_v6(false)?;
    socket.set_reuse_address(true)?;
    socket.bind(&SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)).into())?;
    socket.listen(BACKLOG)?;
    Ok(socket)
}

/// A connection, and when it is to be closed once the peer has closed.
struct Connection {
    socket: Socket,
    close_at: Option<Instant>,
}

/// Serves until the other end of `stopped` is closed.
fn serve(listeners: &[Socket], manner: Manner, stopped: &UnixStream) {
    let accepting = if manner == Manner::NeverAccept {
        &[]
    } else {
        listeners
    };
    let mut connections: Vec<Connection> = Vec::new();
    loop {
        let Some(ready) = wait(accepting, &connections, stopped, manner) else {
            return;
        };
        let (new, old) = ready.split_at(accepting.len());
        let mut served = old.iter();
        connections.retain_mut(|connection| {
            served
                .next()
                .is_none_or(|&ready| attend(connection, manner, ready))
        });
        for (listener, _) in accepting.iter().zip(new).filter(|(_, ready)| **ready) {
            while let Ok((socket, _)) = listener.accept() {
                connections.extend(greet(socket, manner));
            }
        }
    }
}

/// Which listeners and connections are ready, in this order; `None` when the server is to stop.
fn wait(
    listeners: &[Socket],
    connections: &[Connection],
    stopped: &UnixStream,
    manner: Manner,
) -> Option<Vec<bool>> {
    let interest = match manner {
        Manner::Firehose => PollFlags::POLLOUT,
        Manner::HoldOpen => PollFlags::empty(),
        _ => PollFlags::POLLIN,
    };
    let mut polled = vec![PollFd::new(stopped.as_fd(), PollFlags::POLLIN)];
    polled.extend(
        listeners
            .iter()
            .map(|listener| PollFd::new(listener.as_fd(), PollFlags::POLLIN)),
    );
    polled.extend(connections.iter().map(|connection| {
        // A peer that has closed stays readable: no longer asked for, or the loop would spin.
        let interest = if connection.close_at.is_some() {
            PollFlags::empty()
        } else {
            interest
        };
        PollFd::new(connection.socket.as_fd(), interest)
    }));
    match poll(&mut polled, until_next_close(connections)) {
        Err(nix::errno::Errno::EINTR) | Ok(_) => {}
        Err(_) => return None,
    }
    let ready: Vec<bool> = polled.iter().map(|fd| fd.any().unwrap_or(false)).collect();
    (!ready[0]).then(|| ready[1..].to_vec())
}

fn until_next_close(connections: &[Connection]) -> PollTimeout {
    let next = connections
        .iter()
        .filter_map(|connection| connection.close_at)
        .min();
    next.map_or(PollTimeout::NONE, |at| {
        // Rounded up, so that the deadline has passed when poll returns.
        let millis = at.saturating_duration_since(Instant::now()).as_millis() + 1;
        PollTimeout::from(u16::try_from(millis).unwrap_or(u16::MAX))
    })
}

/// What happens at once on a new connection; `None` when that was all.
fn greet(mut socket: Socket, manner: Manner) -> Option<Connection> {
    socket.set_nonblocking(true).ok()?;
    match manner {
        Manner::CloseAtOnce => return None,
        Manner::ResetOnAccept => {
            socket.set_linger(Some(Duration::ZERO)).ok()?;
            return None;
        }
        Manner::Banner => socket.write_all(BANNER).ok()?,
        _ => {}
    }
    Some(Connection {
        socket,
        close_at: None,
    })
}

/// Attends to a connection; false when it is over.
fn attend(connection: &mut Connection, manner: Manner, ready: bool) -> bool {
    if let Some(at) = connection.close_at {
        return Instant::now() < at;
    }
    if !ready {
        return true;
    }
    match manner {
        Manner::Firehose => pour(&connection.socket),
        // Ready without having asked: the peer has reset.
        Manner::HoldOpen => false,
        Manner::CloseLate(delay) => {
            if !peer_is_open(&mut connection.socket) {
                connection.close_at = Some(Instant::now() + delay);
            }
            true
        }
        _ => peer_is_open(&mut connection.socket),
    }
}

/// Sends as much as there is room for; false when the peer takes no more.
fn pour(socket: &Socket) -> bool {
    match socket.send(&[b'x'; 16 * 1024]) {
        Ok(_) => true,
        Err(e) => e.kind() == ErrorKind::WouldBlock,
    }
}

/// Reads and drops; false after the end of what the peer sends.
fn peer_is_open(socket: &mut Socket) -> bool {
    let mut bytes = [0; 4096];
    match socket.read(&mut bytes) {
        Ok(0) => {
            let _ = socket.shutdown(Shutdown::Write);
            false
        }
        Ok(_) => true,
        Err(e) => e.kind() == ErrorKind::WouldBlock,
    }
}
