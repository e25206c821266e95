//! A server of rustls that shows any certificates, also those that no server should.

use std::io::{self, Read, Write};
use std::sync::Arc;

use libtest_mimic::Failed;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use rustls::{ServerConfig, ServerConnection};

use super::certificates::Pair;

/// Shows this to everybody; nothing of it is checked.
#[derive(Debug)]
struct Shows(Arc<CertifiedKey>);

impl ResolvesServerCert for Shows {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        Some(Arc::clone(&self.0))
    }
}

/// A server that shows these certificates and signs with this key.
pub(crate) fn config(
    chain: Vec<CertificateDer<'static>>,
    pair: &Pair,
) -> Result<ServerConfig, Failed> {
    let key = ring::sign::any_supported_type(&pair.private()?)?;
    let shows = Shows(Arc::new(CertifiedKey::new(chain, key)));
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(rustls::ALL_VERSIONS)?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shows));
    Ok(config)
}

/// Makes the handshake.
pub(crate) fn shake<S: Read + Write>(
    config: &Arc<ServerConfig>,
    stream: S,
) -> io::Result<rustls::StreamOwned<ServerConnection, S>> {
    let server = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    let mut tls = rustls::StreamOwned::new(server, stream);
    while tls.conn.is_handshaking() {
        tls.conn.complete_io(&mut tls.sock)?;
    }
    Ok(tls)
}

/// All that a server says to these first bytes of a client.
pub(crate) fn flight(config: &Arc<ServerConfig>, mut hello: &[u8]) -> io::Result<Vec<u8>> {
    let mut server = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
    while !hello.is_empty() && server.read_tls(&mut hello)? > 0 {
        // What it can't take is answered by an alert.
        if server.process_new_packets().is_err() {
            break;
        }
    }
    let mut flight = Vec::new();
    while server.wants_write() {
        server.write_tls(&mut flight)?;
    }
    Ok(flight)
}
