//! TLS 1.3 up to the server's hello by rustls, and from there on whatever a test wants, sealed with the key of that handshake: a server that keeps to the rules
//! until nobody on the way can read it any more.

use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use libtest_mimic::Failed;
use rustls::crypto::cipher::{AeadKey, Iv, MessageEncrypter, OutboundChunks, OutboundPlainMessage};
use rustls::crypto::ring::cipher_suite::TLS13_CHACHA20_POLY1305_SHA256;
use rustls::crypto::tls13::{HkdfExpander, OkmBlock};
use rustls::crypto::{CryptoProvider, ring};
use rustls::version::TLS13;
use rustls::{ContentType, KeyLog, ProtocolVersion, ServerConfig, SupportedCipherSuite};

use super::certificates::plain;
use super::sized;
use super::whole::flight;

/// Keeps the secret that a server seals its part of the handshake with.
#[derive(Debug, Default)]
struct Secret(Mutex<Vec<u8>>);

impl KeyLog for Secret {
    fn log(&self, label: &str, _: &[u8], secret: &[u8]) {
        if label == "SERVER_HANDSHAKE_TRAFFIC_SECRET" {
            *self.0.lock().unwrap_or_else(PoisonError::into_inner) = secret.to_vec();
        }
    }
}

/// Answers a client's first bytes as far as the server's hello; what seals all that comes after it.
pub(crate) fn begin(config: &ServerConfig, hello: &[u8]) -> io::Result<(Vec<u8>, Seal)> {
    let secret = Arc::new(Secret::default());
    let mut config = config.clone();
    config.key_log = Arc::<Secret>::clone(&secret);
    let mut flight = flight(&Arc::new(config), hello)?;
    let record = flight.first_chunk::<5>();
    let length = record.map_or(0, |head| {
        5 + usize::from(u16::from_be_bytes([head[3], head[4]]))
    });
    flight.truncate(length);
    let secret = secret.0.lock().unwrap_or_else(PoisonError::into_inner);
    let seal = Seal::new(&secret).ok_or_else(|| io::Error::other("no TLS 1.3"))?;
    Ok((flight, seal))
}

/// A server for [`begin`]: TLS 1.3 alone, and one cipher.
pub(crate) fn config() -> Result<ServerConfig, Failed> {
    let own = plain()?;
    let provider = CryptoProvider {
        cipher_suites: vec![TLS13_CHACHA20_POLY1305_SHA256],
        ..ring::default_provider()
    };
    let config = ServerConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&TLS13])?
        .with_no_client_auth()
        .with_single_cert(vec![own.der.clone()], own.private()?)?;
    Ok(config)
}

/// Seals handshake messages.
pub(crate) struct Seal {
    encrypter: Box<dyn MessageEncrypter>,
    records: u64,
}

impl Seal {
    /// Key and initialisation vector of RFC 8446, section 7.3; none without a secret.
    fn new(secret: &[u8]) -> Option<Self> {
        let SupportedCipherSuite::Tls13(suite) = TLS13_CHACHA20_POLY1305_SHA256 else {
            return None;
        };
        if secret.is_empty() {
            return None;
        }
        let expander = suite.hkdf_provider.expander_for_okm(&OkmBlock::new(secret));
        let (mut key, mut iv) = ([0; 32], [0; 12]);
        expand(&*expander, b"tls13 key", &mut key)?;
        expand(&*expander, b"tls13 iv", &mut iv)?;
        let encrypter = suite.aead_alg.encrypter(AeadKey::from(key), Iv::new(iv));
        Some(Self {
            encrypter,
            records: 0,
        })
    }

    /// A record that holds this part of handshake messages.
    pub(crate) fn seal(&mut self, part: &[u8]) -> io::Result<Vec<u8>> {
        let plain = OutboundPlainMessage {
            typ: ContentType::Handshake,
            version: ProtocolVersion::TLSv1_3,
            payload: OutboundChunks::Single(part),
        };
        let sealed = self.encrypter.encrypt(plain, self.records);
        self.records += 1;
        Ok(sealed.map_err(io::Error::other)?.encode())
    }
}

/// HKDF-Expand-Label with an empty context (RFC 8446, section 7.1).
fn expand(expander: &dyn HkdfExpander, label: &[u8], out: &mut [u8]) -> Option<()> {
    let length = (out.len() as u16).to_be_bytes();
    let info = [&length[..], &sized::<1>(label), &[0]];
    expander.expand_slice(&info, out).ok()
}
