//! Servers that mean harm to whoever asks them what they are (`--identify`): each costs no more than docs/identify.md says, and none makes the scan say what is not so.

mod big;
mod cut;
mod names;
mod slow;
mod web;

use std::io::{self, Read, Write};
use std::net::{IpAddr, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use libtest_mimic::{Failed, Trial};
use serde_json::Value;
use socket2::SockRef;

use crate::outcome::{Outcome, must};
use crate::report::{Report, address};
use crate::scanner::Scan;
use crate::talker::Talker;
use crate::world::{Netns, TARGET_V4, World};

/// The most that one port may cost (docs/identify.md): connections, bytes that are read.
const CONNECTIONS: u64 = 14;
const READ: u64 = 256 << 10;
/// What a peer can send on a connection and nobody reads: what the system takes in for one that is closed, or has not read yet (two buffers, `tcp_rmem` in tcp(7)), what the
/// sender's own buffer holds, and what is dropped after our FIN (64 KiB).
const UNREAD: u64 = 512 << 10;
/// All private memory that a scan may have here, stacks of threads too (`RLIMIT_DATA`, getrlimit(2)): what a thousand ports of harmless servers may take (`identify`).
const MEMORY: u32 = 64 << 20;

pub(super) fn trials() -> Vec<Trial> {
    vec![
        Trial::test("hostile_slow_servers_cost_12_s_of_connections", slow::trial),
        Trial::test(
            "hostile_resets_at_every_byte_name_nothing_wrong",
            cut::trial,
        ),
        Trial::test(
            "hostile_certificates_of_16_mb_are_not_held",
            big::certificates,
        ),
        Trial::test("hostile_chains_without_end_are_told_up_to_8", big::chains),
        Trial::test("hostile_bombs_are_not_unpacked", web::bombs),
        Trial::test(
            "hostile_names_of_certificates_and_alpn_act_nowhere",
            names::trial,
        ),
    ]
}

/// What a hostile server does with a connection.
type Serve = Box<dyn Fn(Metered) -> io::Result<()> + Send + Sync>;

/// Servers on ports of the target, and how many bytes each could send.
struct Servers {
    _running: Vec<Talker>,
    sent: Vec<(u16, Arc<AtomicU64>)>,
}

impl Servers {
    fn start(netns: &Netns, servers: Vec<(u16, Serve)>) -> Result<Self, Failed> {
        let (mut running, mut sent) = (Vec::new(), Vec::new());
        for (port, serve) in servers {
            let count = Arc::new(AtomicU64::new(0));
            sent.push((port, Arc::clone(&count)));
            let serve = move |stream| serve(Metered::new(stream, Arc::clone(&count))?);
            running.push(Talker::start(netns, serve, [port])?);
        }
        Ok(Self {
            _running: running,
            sent,
        })
    }

    /// A scan of all their ports and a closed one, within the memory that it may have.
    fn scan(&self, world: &World, format: &str) -> Scan {
        let ports: Vec<String> = self.sent.iter().map(|(port, _)| port.to_string()).collect();
        Scan::in_format(&world.scanner, &TARGET_V4, format)
            .with(&format!("-V -p 1,{}", ports.join(",")))
            .with_memory(MEMORY)
    }

    /// Each cost no more than it may, and what it is called is one of these, or nothing.
    fn must_be_bounded(&self, report: &Report, names: &[&str]) -> Result<(), Failed> {
        for (port, sent) in &self.sent {
            let service = &report.port(TARGET_V4.into(), *port)?["service"];
            let connections = service["connections"].as_u64().unwrap_or(u64::MAX);
            let (most, sent) = (READ + connections * UNREAD, sent.load(Ordering::Relaxed));
            must(
                connections <= CONNECTIONS && sent <= most,
                format_args!("{port} sent {sent} bytes, {most} may be: {service}"),
            )?;
            let name = service["name"].as_str();
            must(
                name.is_none_or(|name| names.contains(&name)),
                format_args!("{port} is none of {names:?}: {service}"),
            )?;
        }
        Ok(())
    }
}

/// Runs to its end, in which nothing panicked.
fn calm(scan: &Scan) -> Result<Outcome, Failed> {
    let outcome = scan.run()?;
    outcome.must_exit(0)?;
    let quiet = outcome
        .stderr
        .lines()
        .all(|line| line.starts_with("note: "));
    outcome.must(quiet, "not quiet")?;
    Ok(outcome)
}

/// Ports by address, with what is said of their services.
fn services(report: &Report) -> impl Iterator<Item = (IpAddr, u64, &Value)> {
    report.ports.iter().filter_map(|line| {
        let port = line["port"].as_u64()?;
        Some((address(line)?, port, &line["service"]))
    })
}

/// Waits for a question; `false`: none comes, as the scan asks nothing.
fn is_asked(stream: &mut impl Read) -> io::Result<bool> {
    Ok(stream.read(&mut [0; 4096])? > 0)
}

/// A connection that counts the bytes that the system took.
struct Metered {
    stream: TcpStream,
    sent: Arc<AtomicU64>,
}

impl Metered {
    /// Little is kept for sending, so that what is counted is not far from what went.
    fn new(stream: TcpStream, sent: Arc<AtomicU64>) -> io::Result<Self> {
        SockRef::from(&stream).set_send_buffer_size(16 << 10)?;
        Ok(Self { stream, sent })
    }
}

impl Read for Metered {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        self.stream.read(into)
    }
}

impl Write for Metered {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.stream.write(bytes)?;
        self.sent.fetch_add(written as u64, Ordering::Relaxed);
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.stream.flush()
    }
}
