//! Servers that keep whoever asks them waiting: a byte a second, wherever in a conversation, or nothing at all.

use std::io::{self, Write};
use std::sync::Arc;
use std::thread::sleep;
use std::time::Duration;

use libtest_mimic::Failed;
use rustls::ServerConfig;

use super::{Metered, Serve, Servers, calm, is_asked};
use crate::outcome::must;
use crate::tls::certificates::plain;
use crate::tls::{certificate, records, server_hello, whole};
use crate::world::World;

/// 12 s of connections, the handshakes between them and what ends the last, and as much again for a machine that has other things to do. What waits for
/// somebody who never comes takes as long as the services stay, or for ever.
const MOST: u64 = 25_000;

const PAGE: &[u8] = b"HTTP/1.1 200 OK\r\nServer: nginx/1.22.1\r\nContent-Length: 5\r\n\r\n<p>hi";

/// A byte a second, up to a minute.
fn drip(stream: &mut impl Write, bytes: &[u8]) -> io::Result<()> {
    for byte in bytes.iter().cycle().take(60) {
        stream.write_all(&[*byte])?;
        stream.flush()?;
        sleep(Duration::from_secs(1));
    }
    Ok(())
}

fn drips(bytes: Vec<u8>) -> Serve {
    Box::new(move |mut stream| drip(&mut stream, &bytes))
}

/// Only after it was asked.
fn drips_answer(bytes: &'static [u8]) -> Serve {
    Box::new(move |mut stream| {
        if is_asked(&mut stream)? {
            drip(&mut stream, bytes)?;
        }
        Ok(())
    })
}

/// Half of its answer comes at once, so that the client knows what it waits for.
fn stalls(bytes: Vec<u8>) -> Serve {
    Box::new(move |mut stream| {
        if is_asked(&mut stream)? {
            let (now, later) = bytes.split_at(bytes.len() / 2);
            stream.write_all(now)?;
            drip(&mut stream, later)?;
        }
        Ok(())
    })
}

/// The handshake is like any other, and what is inside drips.
fn drips_inside(stream: Metered, config: &Arc<ServerConfig>) -> io::Result<()> {
    let mut tls = whole::shake(config, stream)?;
    if is_asked(&mut tls)? {
        drip(&mut tls, PAGE)?;
    }
    Ok(())
}

/// Takes a question and says nothing, nor does it end.
fn swallows(mut stream: Metered) -> io::Result<()> {
    let _something = is_asked(&mut stream)?;
    sleep(Duration::from_secs(60));
    Ok(())
}

pub(super) fn trial() -> Result<(), Failed> {
    let world = World::new()?;
    let own = plain()?;
    let flight = records(&[server_hello(&[]), certificate(&[&own.der])].concat());
    let config = Arc::new(whole::config(vec![own.der.clone()], &own)?);
    let servers = vec![
        (
            4401,
            drips(b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n".to_vec()),
        ),
        (4402, drips_answer(PAGE)),
        (4403, drips(flight.clone())),
        (4404, stalls(flight)),
        (4405, stalls(PAGE.to_vec())),
        (
            4406,
            Box::new(move |stream| drips_inside(stream, &config)) as Serve,
        ),
        (4407, Box::new(swallows)),
    ];
    let servers = Servers::start(&world.target, servers)?;
    let report = calm(&servers.scan(&world, "jsonl"))?.report()?;
    servers.must_be_bounded(&report, &["ssh", "http", "tls"])?;
    let took = report.count("elapsed_ms");
    must(
        took <= MOST && report.end["identified"]["not_asked"] == 0,
        format_args!("{took} ms: {}", report.end),
    )
}
