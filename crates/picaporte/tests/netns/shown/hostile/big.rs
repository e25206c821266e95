//! Certificates, and chains of them, that are more than anybody should read.

use std::io::{self, Write as _};
use std::sync::Arc;

use libtest_mimic::Failed;
use rustls::ServerConfig;
use rustls::pki_types::CertificateDer;
use serde_json::Value;

use super::{Metered, Serve, Servers, calm};
use crate::outcome::must;
use crate::tls::certificates::{Pair, big, loops};
use crate::tls::{
    CERTIFICATE, COMPRESSED_CERTIFICATE, ENCRYPTED_EXTENSIONS, HANDSHAKE, LONGEST, RECORD,
    certificate, client_hello, message, record, records, sealed, server_hello, sized, whole,
};
use crate::world::{TARGET_V4, World};

/// As long as an X.509 certificate can be in a message of TLS, but for what else is in it.
const ALMOST_16_MB: usize = (LONGEST as usize) - (64 << 10);
/// Records of 16 KiB that make 16 MB.
const RECORDS: usize = 1024;

/// The head of a message that is said to be as long as one can be.
fn announced(kind: u8) -> [u8; 4] {
    let [_, high, middle, low] = LONGEST.to_be_bytes();
    [kind, high, middle, low]
}

/// In the clear, as TLS 1.2 has it.
fn announces(mut stream: Metered) -> io::Result<()> {
    if client_hello(&mut stream)?.is_some() {
        stream.write_all(&records(&server_hello(&[])))?;
        stream.write_all(&record(HANDSHAKE, &announced(CERTIFICATE)))?;
        for _ in 0..RECORDS {
            stream.write_all(&record(HANDSHAKE, &[0; RECORD]))?;
        }
    }
    Ok(())
}

/// Sealed, as TLS 1.3 has it: `begins`, and then zeros.
fn seals(
    mut stream: Metered,
    config: &ServerConfig,
    begins: &[u8],
    zeros: usize,
) -> io::Result<()> {
    if let Some(hello) = client_hello(&mut stream)? {
        let (flight, mut seal) = sealed::begin(config, &hello)?;
        stream.write_all(&flight)?;
        stream.write_all(&seal.seal(&message(ENCRYPTED_EXTENSIONS, &[0, 0]))?)?;
        stream.write_all(&seal.seal(begins)?)?;
        for _ in 0..zeros {
            stream.write_all(&seal.seal(&[0; RECORD])?)?;
        }
    }
    Ok(())
}

/// What RFC 8879, section 4 has: zlib (1), how long it is unpacked, and what is to be unpacked: nobody said that it may be sent.
fn compressed() -> Vec<u8> {
    let [_, length @ ..] = LONGEST.to_be_bytes();
    let body = [
        &[0, 1],
        &length[..],
        &sized::<3>(&[0x78, 0x9C, 3, 0, 0, 0, 0, 1]),
    ];
    message(COMPRESSED_CERTIFICATE, &body.concat())
}

/// A server that does as RFC 8446 has it, with these certificates.
fn whole_server(chain: Vec<CertificateDer<'static>>, own: &Pair) -> Result<Serve, Failed> {
    let config = Arc::new(whole::config(chain, own)?);
    Ok(Box::new(move |stream| {
        whole::shake(&config, stream).map(drop)
    }))
}

/// The same in the clear, up to its certificates.
fn clear_server(chain: &[CertificateDer<'static>]) -> Serve {
    let ders: Vec<&[u8]> = chain.iter().map(AsRef::as_ref).collect();
    let flight = records(&[server_hello(&[]), certificate(&ders)].concat());
    Box::new(move |mut stream| {
        if client_hello(&mut stream)?.is_some() {
            stream.write_all(&flight)?;
        }
        Ok(())
    })
}

fn sealing_server(begins: Vec<u8>, zeros: usize) -> Result<Serve, Failed> {
    let config = sealed::config()?;
    Ok(Box::new(move |stream| {
        seals(stream, &config, &begins, zeros)
    }))
}

/// Said to be long, or long, in the clear or sealed: it is TLS, and nobody reads its certificate.
pub(super) fn certificates() -> Result<(), Failed> {
    let world = World::new()?;
    let giant = big(ALMOST_16_MB)?;
    let chain = vec![giant.der.clone()];
    let servers = vec![
        (4101, Box::new(announces) as Serve),
        (
            4102,
            sealing_server(announced(CERTIFICATE).to_vec(), RECORDS)?,
        ),
        (4103, clear_server(&chain)),
        (4104, whole_server(chain, &giant)?),
        (4105, sealing_server(compressed(), 0)?),
        (
            4106,
            sealing_server(announced(COMPRESSED_CERTIFICATE).to_vec(), RECORDS)?,
        ),
    ];
    let servers = Servers::start(&world.target, servers)?;
    let report = calm(&servers.scan(&world, "jsonl"))?.report()?;
    servers.must_be_bounded(&report, &["tls"])?;
    for port in 4101..=4106 {
        let service = &report.port(TARGET_V4.into(), port)?["service"];
        must(
            service["name"] == "tls" && service["tls"]["certificates"] == Value::Array(vec![]),
            format_args!("{port}: {service}"),
        )?;
    }
    Ok(())
}

/// What loops, or has no end, is a list: eight of it are told, and how many more there were.
pub(super) fn chains() -> Result<(), Failed> {
    let world = World::new()?;
    let [a, b] = loops()?;
    let two = [a.der.clone(), b.der.clone()];
    let looping = two.iter().cloned().cycle().take(200).collect::<Vec<_>>();
    let thousand = vec![a.der.clone(); 1000];
    // No certificate at all, but as many as a message of 64 KiB has.
    let tiny: CertificateDer<'static> = vec![0x30, 0].into();
    let crumbs = vec![tiny; 12_000];
    let servers = vec![
        (4201, clear_server(&looping)),
        (4202, whole_server(looping, &a)?),
        (4203, clear_server(&thousand)),
        (4204, whole_server(thousand, &a)?),
        (4205, clear_server(&crumbs)),
    ];
    let servers = Servers::start(&world.target, servers)?;
    let report = calm(&servers.scan(&world, "jsonl"))?.report()?;
    servers.must_be_bounded(&report, &["tls"])?;
    // A thousand of them are more than the 64 KiB of a message that are read.
    for (port, told, left_out) in [
        (4201, 8, Some(192)),
        (4202, 8, Some(192)),
        (4203, 0, None),
        (4204, 0, None),
        (4205, 8, Some(11_992)),
    ] {
        let service = &report.port(TARGET_V4.into(), port)?["service"];
        let tls = &service["tls"];
        must(
            tls["certificates"].as_array().map(Vec::len) == Some(told)
                && tls["certificates_left_out"].as_u64() == left_out,
            format_args!("{port}, {told} of them expected: {service}"),
        )?;
    }
    Ok(())
}
