//! Real listeners with the manners of a scenario's services, all served by one thread, however many they are. They live
//! in the namespace in which their sockets were made, and end with the value that started them. Knows nothing of who
//! connects.

use std::collections::HashMap;
use std::io::{self, ErrorKind, Read as _, Write as _};
use std::net::{Ipv6Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::sync::Arc;
use std::thread::{self, JoinHandle};
use std::time::Duration;

use nix::errno::Errno;
use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags, EpollTimeout};
use socket2::{Domain, Protocol, Socket, Type};

use crate::scenario::Service;

/// The kernel's own bound on a backlog (`net.core.somaxconn`) applies below this.
const BACKLOG: i32 = 65_535;
/// The data of the event that says that the other end of `stop` is gone.
const STOP: u64 = u64::MAX;
/// What is read at once from a connection, and what an echo holds at most.
const MOST_READ: usize = 16_384;
/// How often a connection reads or writes before the others have their turn.
const MOST_TURNS: usize = 16;
/// How long accepting rests when no descriptor is left; the kernel completes handshakes meanwhile.
const REST: Duration = Duration::from_millis(10);

/// A listening socket and what it does with those who connect.
#[derive(Debug)]
pub struct Listener {
    socket: TcpListener,
    service: Arc<Service>,
}

impl Listener {
    /// Listens on a port of every address, of both families, of the calling thread's namespace.
    ///
    /// # Errors
    /// When the port is taken or no descriptor is left.
    pub fn on_port(port: u16, service: Arc<Service>) -> io::Result<Self> {
        let socket = Socket::new(Domain::IPV6, Type::STREAM, Some(Protocol::TCP))?;
        socket.set_only_v6(false)?;
        Self::bound(socket, (Ipv6Addr::UNSPECIFIED, port).into(), service)
    }

    /// Listens at one address, and takes connections to other addresses and ports too that an nftables rule `tproxy`
    /// hands to it. Needs root's rights in the namespace.
    ///
    /// # Errors
    /// When the address is taken, no descriptor is left, or the rights are missing.
    pub fn for_tproxy(at: SocketAddr, service: Arc<Service>) -> io::Result<Self> {
        let socket = Socket::new(Domain::for_address(at), Type::STREAM, Some(Protocol::TCP))?;
        // The kernel keeps one flag for both families.
        socket.set_ip_transparent_v4(true)?;
        Self::bound(socket, at, service)
    }

    fn bound(socket: Socket, at: SocketAddr, service: Arc<Service>) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        socket.set_reuse_address(true)?;
        socket.bind(&at.into())?;
        socket.listen(BACKLOG)?;
        Ok(Self {
            socket: socket.into(),
            service,
        })
    }
}

/// Serves listeners until dropped.
#[derive(Debug)]
pub struct Server {
    stop: Option<UnixStream>,
    thread: Option<JoinHandle<io::Result<()>>>,
}

impl Server {
    /// Serves these listeners from a thread of its own.
    ///
    /// # Errors
    /// When no descriptor is left.
    pub fn start(listeners: Vec<Listener>) -> io::Result<Self> {
        let (stop, stopped) = UnixStream::pair()?;
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        epoll.add(&stopped, EpollEvent::new(EpollFlags::EPOLLIN, STOP))?;
        for (index, listener) in listeners.iter().enumerate() {
            let event = EpollEvent::new(EpollFlags::EPOLLIN, index as u64);
            epoll.add(&listener.socket, event)?;
        }
        let mut room = Room {
            epoll,
            next: listeners.len() as u64,
            listeners,
            connections: HashMap::new(),
        };
        let thread = thread::spawn(move || {
            let _stopped = stopped;
            room.serve()
        });
        Ok(Self {
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Stops serving: all connections and listeners are closed.
    ///
    /// # Errors
    /// What ended the serving before.
    pub fn stop(mut self) -> io::Result<()> {
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        drop(self.stop.take());
        match self.thread.take().map(JoinHandle::join) {
            None => Ok(()),
            Some(Ok(ended)) => ended,
            Some(Err(_)) => Err(io::Error::other("the thread of the listeners panicked")),
        }
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // Who wants to know how it ended calls `stop`.
        let _ = self.end();
    }
}

struct Room {
    epoll: Epoll,
    listeners: Vec<Listener>,
    connections: HashMap<u64, Connection>,
    /// The number of the next connection; those of listeners come before.
    next: u64,
}

impl Room {
    fn serve(&mut self) -> io::Result<()> {
        let mut events = vec![EpollEvent::empty(); 256];
        loop {
            let ready = match self.epoll.wait(&mut events, EpollTimeout::NONE) {
                Err(Errno::EINTR) => continue,
                other => other?,
            };
            for event in &events[..ready] {
                match event.data() {
                    STOP => return Ok(()),
                    index if index < self.listeners.len() as u64 => self.accept(index as usize)?,
                    number => self.attend(number),
                }
            }
        }
    }

    fn accept(&mut self, index: usize) -> io::Result<()> {
        loop {
            let listener = &self.listeners[index];
            match listener.socket.accept() {
                Ok((socket, _)) => {
                    let service = Arc::clone(&listener.service);
                    self.welcome(socket, service);
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(()),
                // The client was quicker to reset than we to accept.
                Err(error) if error.kind() == ErrorKind::ConnectionAborted => {}
                Err(error)
                    if matches!(error.raw_os_error(), Some(code)
                        if [Errno::EMFILE, Errno::ENFILE].contains(&Errno::from_raw(code))) =>
                {
                    thread::sleep(REST);
                    return Ok(());
                }
                Err(error) => return Err(error),
            }
        }
    }

    fn welcome(&mut self, socket: TcpStream, service: Arc<Service>) {
        let number = self.next;
        self.next += 1;
        // Level-triggered, so that the greeting leaves with the first event.
        let event = EpollEvent::new(EpollFlags::EPOLLIN, number);
        if socket.set_nonblocking(true).is_err() || self.epoll.add(&socket, event).is_err() {
            return;
        }
        self.connections
            .insert(number, Connection::new(socket, service));
        self.attend(number);
    }

    fn attend(&mut self, number: u64) {
        let Some(connection) = self.connections.get_mut(&number) else {
            return;
        };
        let wanted = match connection.go_on() {
            Next::Over => {
                self.connections.remove(&number);
                return;
            }
            Next::Read => EpollFlags::EPOLLIN,
            Next::Write => EpollFlags::EPOLLOUT,
        };
        let mut event = EpollEvent::new(wanted, number);
        if self.epoll.modify(&connection.socket, &mut event).is_err() {
            self.connections.remove(&number);
        }
    }
}

/// What a connection waits for.
enum Next {
    Read,
    Write,
    Over,
}

struct Connection {
    socket: TcpStream,
    service: Arc<Service>,
    /// What is to be sent, and how much of it has been.
    sending: Vec<u8>,
    sent: usize,
    /// Its one answer was given.
    answered: bool,
    /// The peer has closed.
    ended: bool,
}

impl Connection {
    fn new(socket: TcpStream, service: Arc<Service>) -> Self {
        Self {
            sending: service.says.clone(),
            sent: 0,
            answered: false,
            ended: false,
            socket,
            service,
        }
    }

    /// Sends and reads until one of them would wait, or others have waited long enough.
    fn go_on(&mut self) -> Next {
        for _ in 0..MOST_TURNS {
            if !self.sending.is_empty() {
                match self.socket.write(&self.sending[self.sent..]) {
                    Ok(count) => self.sent += count,
                    Err(error) => return waiting(&error, Next::Write),
                }
                if self.sent == self.sending.len() {
                    self.all_is_sent();
                }
                continue;
            }
            if self.ended {
                return Next::Over;
            }
            let mut bytes = [0; MOST_READ];
            match self.socket.read(&mut bytes) {
                Ok(0) => self.ended = true,
                Ok(count) => self.hear(&bytes[..count]),
                Err(error) => return waiting(&error, Next::Read),
            }
        }
        if self.sending.is_empty() {
            Next::Read
        } else {
            Next::Write
        }
    }

    fn all_is_sent(&mut self) {
        self.sending.clear();
        self.sent = 0;
        if self.answered {
            // Closed in this direction only: what the peer still sends is read, or the kernel would reset.
            let _ = self.socket.shutdown(Shutdown::Write);
        }
    }

    fn hear(&mut self, bytes: &[u8]) {
        if self.answered {
            return;
        }
        if self.service.echoes {
            self.sending.extend_from_slice(bytes);
        }
        if let Some(answer) = &self.service.answers {
            self.sending.extend_from_slice(answer);
            self.answered = true;
            if self.sending.is_empty() {
                self.all_is_sent();
            }
        }
    }
}

fn waiting(error: &io::Error, next: Next) -> Next {
    match error.kind() {
        ErrorKind::WouldBlock | ErrorKind::Interrupted => next,
        _ => Next::Over,
    }
}
