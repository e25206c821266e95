//! An ordinary client: the standard library's sockets, with a bound on every wait.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::{Shutdown, SocketAddr, TcpStream};
use std::time::Duration;

use libtest_mimic::Failed;

/// Longer than anything takes here; whoever waits this long has failed.
const PATIENCE: Duration = Duration::from_secs(20);

/// Connects, or says with which error the kernel refused.
pub(crate) fn connect(to: &str) -> Result<TcpStream, std::io::Error> {
    connect_within(to, PATIENCE)
}

/// The same with another bound.
pub(crate) fn connect_within(to: &str, patience: Duration) -> Result<TcpStream, std::io::Error> {
    let address: SocketAddr = to.parse().expect("an address and a port");
    let stream = TcpStream::connect_timeout(&address, patience)?;
    stream.set_read_timeout(Some(PATIENCE))?;
    Ok(stream)
}

/// The error of a connection that must not come about.
pub(crate) fn refusal(to: &str) -> Result<std::io::Error, Failed> {
    match connect(to) {
        Ok(_) => Err(format!("{to} is open").into()),
        Err(error) => Ok(error),
    }
}

/// Writes, closes the sending side, and reads to the end.
pub(crate) fn exchange(to: &str, bytes: &[u8]) -> Result<Vec<u8>, Failed> {
    let mut stream = connect(to)?;
    let mut reader = stream.try_clone()?;
    // Reading and writing at once, so that neither waits for the other.
    let heard = std::thread::spawn(move || {
        let mut heard = Vec::new();
        reader.read_to_end(&mut heard).map(|_| heard)
    });
    stream.write_all(bytes)?;
    match stream.shutdown(Shutdown::Write) {
        Err(error) if error.kind() != ErrorKind::NotConnected => return Err(error.into()),
        _ => {}
    }
    Ok(heard
        .join()
        .map_err(|_| Failed::from("the reader panicked"))??)
}

/// Whether an echo request is answered.
pub(crate) fn ping(to: std::net::IpAddr) -> Result<bool, Failed> {
    use socket2::{Domain, Protocol, Socket, Type};
    let (domain, protocol, kind) = match to {
        std::net::IpAddr::V4(_) => (Domain::IPV4, Protocol::ICMPV4, 8),
        std::net::IpAddr::V6(_) => (Domain::IPV6, Protocol::ICMPV6, 128),
    };
    let socket = Socket::new(domain, Type::RAW, Some(protocol))?;
    socket.set_read_timeout(Some(PATIENCE))?;
    // Type, code, checksum, identifier, sequence number; the kernel fills in the checksum of ICMPv6 only.
    let mut request = [kind, 0, 0, 0, 0, 7, 0, 1];
    if to.is_ipv4() {
        let sum = !(u16::from(kind) * 256 + 7 + 1);
        request[2..4].copy_from_slice(&sum.to_be_bytes());
    }
    socket.send_to(&request, &SocketAddr::from((to, 0)).into())?;
    let mut stream = std::io::BufReader::new(socket);
    let mut answer = [0; 100];
    for _ in 0..10 {
        let length = stream.read(&mut answer)?;
        let skip = if to.is_ipv4() { 20 } else { 0 };
        let reply = if to.is_ipv4() { 0 } else { 129 };
        if answer.get(skip..length).is_some_and(|icmp| {
            icmp.first() == Some(&reply) && icmp.get(4..8) == Some(&[0, 7, 0, 1])
        }) {
            return Ok(true);
        }
    }
    Ok(false)
}
