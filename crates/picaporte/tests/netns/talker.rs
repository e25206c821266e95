//! Services that answer: a thread for each listener and for each connection. They live in a namespace and end with the value that started them.

use std::io::{self, Read as _, Write as _};
use std::net::{Ipv6Addr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use libtest_mimic::Failed;

use crate::world::Netns;

/// How often it is looked whether to stop.
const GLANCE: Duration = Duration::from_millis(10);
/// A connection that nobody ends is left after this.
const PATIENCE: Duration = Duration::from_secs(30);

/// A service that needs nothing but its connection; an error ends it.
pub(crate) type Serve = fn(TcpStream) -> io::Result<()>;

/// What any service does with a connection, on threads of its own.
type Shared = dyn Fn(TcpStream) -> io::Result<()> + Send + Sync;

/// Listeners on some ports of a namespace, until dropped.
pub(crate) struct Talker {
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Talker {
    /// Serves every one of `ports`, on every address of `netns`.
    pub(crate) fn start(
        netns: &Netns,
        serve: impl Fn(TcpStream) -> io::Result<()> + Send + Sync + 'static,
        ports: impl IntoIterator<Item = u16>,
    ) -> Result<Self, Failed> {
        let serve: Arc<Shared> = Arc::new(serve);
        let ports: Vec<u16> = ports.into_iter().collect();
        let bind = |&port: &u16| TcpListener::bind((Ipv6Addr::UNSPECIFIED, port));
        let listeners: io::Result<Vec<_>> = netns.inside(|| ports.iter().map(bind).collect())?;
        let stop = Arc::new(AtomicBool::new(false));
        let mut threads = Vec::new();
        for listener in listeners? {
            listener.set_nonblocking(true)?;
            let (stop, serve) = (stop.clone(), serve.clone());
            threads.push(thread::spawn(move || accept(&listener, &serve, &stop)));
        }
        Ok(Self { stop, threads })
    }
}

impl Drop for Talker {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        for thread in self.threads.drain(..) {
            let _ = thread.join();
        }
    }
}

fn accept(listener: &TcpListener, serve: &Arc<Shared>, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        match listener.accept() {
            Ok((stream, _)) => {
                let serve = Arc::clone(serve);
                thread::spawn(move || {
                    let _ = stream.set_nonblocking(false);
                    let _ = stream.set_read_timeout(Some(PATIENCE));
                    // The peer may end it at any time.
                    let _ = serve(stream);
                });
            }
            Err(_) => thread::sleep(GLANCE),
        }
    }
}

/// Says this first, then reads until the peer ends.
fn greet(mut stream: TcpStream, greeting: &[u8]) -> io::Result<()> {
    stream.write_all(greeting)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

pub(crate) fn ssh(stream: TcpStream) -> io::Result<()> {
    greet(stream, b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n")
}

/// Answers a request of HTTP with a page, and anything else with an error.
pub(crate) fn web(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 4096];
    let n = stream.read(&mut request)?;
    if request[..n].starts_with(b"GET /") {
        stream.write_all(b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<p>hi")
    } else {
        stream.write_all(b"HTTP/1.1 400 Bad Request\r\nServer: nginx/1.22.1\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
    }
}

pub(crate) fn echo(mut stream: TcpStream) -> io::Result<()> {
    let mut back = stream.try_clone()?;
    io::copy(&mut stream, &mut back).map(drop)
}

pub(crate) fn discard(mut stream: TcpStream) -> io::Result<()> {
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// RFC 864: lines without end.
pub(crate) fn chargen(mut stream: TcpStream) -> io::Result<()> {
    let ring: Vec<u8> = (b' '..=b'~').collect();
    for first in (0..ring.len()).cycle() {
        let mut line: Vec<u8> = ring.iter().cycle().skip(first).take(72).copied().collect();
        line.extend(b"\r\n");
        stream.write_all(&line)?;
    }
    Ok(())
}

/// A byte of what looks like a greeting each second.
pub(crate) fn tarpit(mut stream: TcpStream) -> io::Result<()> {
    for byte in b"220-mail.example.org ESMTP ".iter().cycle().take(30) {
        stream.write_all(&[*byte])?;
        thread::sleep(Duration::from_secs(1));
    }
    Ok(())
}

/// How many connections [`watched_tarpit`] has had.
pub(crate) static TARPITTED: AtomicUsize = AtomicUsize::new(0);

/// The same for one test, which wants to know how many came.
pub(crate) fn watched_tarpit(stream: TcpStream) -> io::Result<()> {
    TARPITTED.fetch_add(1, Ordering::SeqCst);
    tarpit(stream)
}

/// Bytes that nothing sends, from a generator of its own (xorshift, Marsaglia 2003), the same each time.
pub(crate) fn noise(mut stream: TcpStream) -> io::Result<()> {
    let mut state = 0x9e37_79b9_u32;
    let bytes: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        state as u8
    })
    .take(8192)
    .collect();
    stream.write_all(&bytes)?;
    io::copy(&mut stream, &mut io::sink()).map(drop)
}

/// The same page, whatever is asked, even nothing.
pub(crate) fn page_for_all(mut stream: TcpStream) -> io::Result<()> {
    let mut request = [0; 4096];
    let _any = stream.read(&mut request)?;
    stream.write_all(b"<html><body>What you sent is not what we serve.</body></html>")
}

/// A greeting that would clear the screen, set a title, and pass for a line of a log.
pub(crate) fn hostile(stream: TcpStream) -> io::Result<()> {
    greet(
        stream,
        b"220 \x1b[2J\x1b]0;owned\x07=cmd|' /C calc'!A0 <script>alert(1)</script> \xff\xfe\x00\xe2\x80\xae FTP\r\n",
    )
}

/// Resets every connection after a byte of the greeting more than the last.
pub(crate) fn resets(mut stream: TcpStream) -> io::Result<()> {
    static BYTES: AtomicUsize = AtomicUsize::new(0);
    let n = BYTES.fetch_add(1, Ordering::Relaxed) % 30;
    stream.write_all(&b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"[..n])?;
    socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))
}
