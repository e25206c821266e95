//! The listeners of the far namespace: they accept, and close at once. One thread serves them all, so that as little
//! as can be of what is measured is theirs. It knows nothing of who connects.

use std::io::ErrorKind;
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::os::unix::net::UnixStream;
use std::thread::{self, JoinHandle};

use anyhow::{Context, Result};
use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::{Domain, Protocol, Socket, Type};

use crate::network::Network;

/// The data of the event that says that the other end of `stop` is gone.
const STOP: u64 = u64::MAX;
/// More than the rows have open ports, so that no SYN is dropped for want of room.
const BACKLOG: i32 = 4_096;

/// Listens until dropped.
#[derive(Debug)]
pub(crate) struct Server {
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<Result<()>>>,
}

impl Server {
    /// Listens on `ports` of every IPv4 address of the far namespace.
    ///
    /// # Errors
    /// When a port can't be bound or no descriptors are left.
    pub(crate) fn start(network: &Network, ports: &[u16]) -> Result<Self> {
        let listeners = network.in_far(|| {
            ports
                .iter()
                .map(|&port| listen(port))
                .collect::<Result<Vec<_>>>()
        })?;
        let (stop, stopped) = UnixStream::pair().context("making a socket pair")?;
        let thread = thread::spawn(move || serve(&listeners, &stopped));
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        drop(self.stop.take());
        let ended = self.thread.take().map(JoinHandle::join);
        if let Some(Ok(Err(error))) = ended {
            eprintln!("picaporte-bench: the listeners failed during the row: {error:#}");
        }
    }
}

fn listen(port: u16) -> Result<TcpListener> {
    let tried = || format!("listening on port {port} in the far namespace");
    let socket = Socket::new(
        Domain::IPV4,
        Type::STREAM.nonblocking(),
        Some(Protocol::TCP),
    )
    .with_context(tried)?;
    socket.set_reuse_address(true).with_context(tried)?;
    socket
        .bind(&SocketAddr::from((Ipv4Addr::UNSPECIFIED, port)).into())
        .with_context(tried)?;
    socket.listen(BACKLOG).with_context(tried)?;
    Ok(socket.into())
}

fn serve(listeners: &[TcpListener], stopped: &UnixStream) -> Result<()> {
    let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC).context("making an epoll instance")?;
    epoll
        .add(stopped, EpollEvent::new(EpollFlags::EPOLLIN, STOP))
        .context("watching for the end")?;
    for (index, listener) in listeners.iter().enumerate() {
        epoll
            .add(listener, EpollEvent::new(EpollFlags::EPOLLIN, index as u64))
            .context("watching a listener")?;
    }
    let mut events = vec![EpollEvent::empty(); 256];
    loop {
        let ready = match epoll.wait(&mut events, EpollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            other => other.context("waiting for connections")?,
        };
        for event in &events[..ready] {
            match listeners.get(event.data() as usize) {
                Some(listener) => accept_all(listener)?,
                None => return Ok(()),
            }
        }
    }
}

fn accept_all(listener: &TcpListener) -> Result<()> {
    loop {
        match listener.accept() {
            Ok(_closed_at_once) => {}
            Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
            // The client was quicker to reset than we to accept.
            Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
            Err(error) => return Err(error).context("accepting a connection"),
        }
    }
}
