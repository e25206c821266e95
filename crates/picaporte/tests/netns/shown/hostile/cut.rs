//! Servers that reset a connection after each byte of what they would have said: an answer that was cut off is no answer, and half a version is no version.

use std::io::{self, Write as _};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Arc;
use std::time::Duration;

use libtest_mimic::Failed;
use rustls::ServerConfig;
use serde_json::Value;
use socket2::SockRef;

use super::{MEMORY, calm, is_asked, services};
use crate::outcome::must;
use crate::scanner::Scan;
use crate::talker::Talker;
use crate::tls::certificates::plain;
use crate::tls::{client_hello, whole};
use crate::world::World;

const GREETING: &[u8] = b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n";
const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nServer: nginx/1.22.1\r\nContent-Type: text/html\r\nContent-Length: 5\r\nConnection: close\r\n\r\n<p>hi";

/// A host for each number of bytes, so that they are asked at the same time: 10.80.0.0 and what follows.
const HOSTS: u16 = 240;
/// Up to here a host for each byte; from here on fewer.
const EVERY: usize = 190;
const STEP: usize = 29;

const SSH: u16 = 4501;
const WEB: u16 = 4502;
const TLS: u16 = 4503;

/// After how many bytes the host that was asked resets.
fn bytes(asked: &TcpStream) -> io::Result<usize> {
    let local = match asked.local_addr()? {
        SocketAddr::V4(local) => *local.ip(),
        SocketAddr::V6(local) => (local.ip().to_ipv4_mapped()).ok_or(io::ErrorKind::Unsupported)?,
    };
    Ok(cut_of(local.into()))
}

fn cut_of(host: IpAddr) -> usize {
    let IpAddr::V4(host) = host else { return 0 };
    let index = usize::from(host.octets()[3]);
    let beyond = index.saturating_sub(EVERY);
    index.min(EVERY) + beyond * STEP
}

/// Sends as much of it as is to be sent, and resets.
fn say(mut stream: TcpStream, answer: &[u8]) -> io::Result<()> {
    let most = bytes(&stream)?.min(answer.len());
    stream.write_all(&answer[..most])?;
    SockRef::from(&stream).set_linger(Some(Duration::ZERO))
}

fn ssh(stream: TcpStream) -> io::Result<()> {
    say(stream, GREETING)
}

fn web(mut stream: TcpStream) -> io::Result<()> {
    if is_asked(&mut stream)? {
        say(stream, PAGE)?;
    }
    Ok(())
}

fn tls(mut stream: TcpStream, config: &Arc<ServerConfig>) -> io::Result<()> {
    let flight = match client_hello(&mut stream)? {
        Some(hello) => whole::flight(config, &hello)?,
        None => whole::flight(config, b"GET / HTTP/1.1\r\n")?,
    };
    say(stream, &flight)
}

/// Whether something is said that is not so.
fn is_wrong(service: &Value, right: [Option<&str>; 3]) -> bool {
    let fields = ["name", "product", "version"];
    let said = fields.map(|field| service[field].as_str());
    said.iter()
        .zip(right)
        .any(|(said, right)| said.is_some() && *said != right)
}

pub(super) fn trial() -> Result<(), Failed> {
    let world = World::new()?;
    world.answer_for("10.80.0.0/24")?;
    let own = plain()?;
    let config = Arc::new(whole::config(vec![own.der.clone()], &own)?);
    let _ssh = Talker::start(&world.target, ssh, [SSH])?;
    let _web = Talker::start(&world.target, web, [WEB])?;
    let _tls = Talker::start(&world.target, move |stream| tls(stream, &config), [TLS])?;
    let scan = Scan::new(&world.scanner, &format!("10.80.0.1-{HOSTS}"))
        .with(&format!("-V -p {SSH}-{TLS}"))
        .with_memory(MEMORY);
    let report = calm(&scan)?.report()?;
    let mut asked = 0;
    let mut unread = Vec::new();
    for (host, port, service) in services(&report) {
        let cut = cut_of(host);
        let (right, all) = match u16::try_from(port)? {
            SSH => (["ssh", "OpenSSH", "9.2p1"].map(Some), GREETING.len()),
            WEB => (["http", "nginx", "1.22.1"].map(Some), PAGE.len()),
            _ => ([Some("tls"), None, None], usize::MAX),
        };
        must(
            !is_wrong(service, right),
            format_args!("{port} after {cut} bytes: {service}"),
        )?;
        asked += 1;
        if cut >= all && service["version"].as_str() != right[2] {
            unread.push(format!("{host} port {port}, all {all} bytes: {service}"));
        }
    }
    let all = u64::from(HOSTS) * 3;
    must(
        asked == all && report.count("open") == all && report.end["identified"]["asked"] == all,
        format_args!("{asked} told: {}", report.end),
    )?;
    // Else that nothing wrong is said would be for want of an answer.
    must(unread.is_empty(), unread.join("\n"))
}
