//! What the tests share: a server of rustls in memory, certificates for it, and answers written by hand.

use std::sync::Arc;

use rcgen::{CertificateParams, DnType, KeyPair, PKCS_ECDSA_P256_SHA256};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::version::{TLS12, TLS13};
use rustls::{RootCertStore, ServerConfig, ServerConnection, SupportedProtocolVersion};

use super::*;

/// A certificate of its own key for `www.example.org`, and the key.
pub(super) fn own() -> (CertificateDer<'static>, PrivateKeyDer<'static>) {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256).expect("a key");
    let mut params = CertificateParams::new(vec!["www.example.org".to_owned()]).expect("a name");
    params
        .distinguished_name
        .push(DnType::CommonName, "www.example.org");
    let certificate = params.self_signed(&key).expect("a certificate");
    let der = PrivateKeyDer::try_from(key.serialize_der()).expect("a key");
    (certificate.der().clone(), der)
}

/// TLS 1.2 alone.
pub(crate) static OLD: [&SupportedProtocolVersion; 1] = [&TLS12];

/// TLS 1.3 alone.
pub(crate) static NEW: [&SupportedProtocolVersion; 1] = [&TLS13];

/// What a server is to do.
pub(crate) struct Wishes {
    pub(crate) versions: &'static [&'static SupportedProtocolVersion],
    pub(crate) alpn: Vec<Vec<u8>>,
    /// Certificates behind its own.
    pub(crate) more: Vec<CertificateDer<'static>>,
    pub(crate) wants_client_certificate: bool,
}

impl Default for Wishes {
    fn default() -> Self {
        Self {
            versions: rustls::ALL_VERSIONS,
            alpn: Vec::new(),
            more: Vec::new(),
            wants_client_certificate: false,
        }
    }
}

/// A server of rustls.
pub(crate) fn server(wishes: Wishes) -> ServerConnection {
    let (certificate, key) = own();
    let provider = Arc::new(ring::default_provider());
    let builder = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_protocol_versions(wishes.versions)
        .expect("versions");
    let builder = if wishes.wants_client_certificate {
        let mut roots = RootCertStore::empty();
        roots.add(certificate.clone()).expect("a root");
        let verifier = WebPkiClientVerifier::builder_with_provider(roots.into(), provider);
        builder.with_client_cert_verifier(verifier.build().expect("a verifier"))
    } else {
        builder.with_no_client_auth()
    };
    let chain = [vec![certificate], wishes.more].concat();
    let mut config = builder.with_single_cert(chain, key).expect("its own key");
    config.alpn_protocols = wishes.alpn;
    ServerConnection::new(Arc::new(config)).expect("a server")
}

/// Gives a server bytes, and says what it answers.
pub(crate) fn answer(server: &mut ServerConnection, mut bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    while !bytes.is_empty() && server.read_tls(&mut bytes).is_ok_and(|read| read > 0) {
        if server.process_new_packets().is_err() {
            break;
        }
    }
    while server.wants_write() {
        server.write_tls(&mut out).expect("a Vec");
    }
    out
}

/// A record: kind, version and content.
pub(crate) fn record(kind: u8, version: TlsVersion, content: &[u8]) -> Vec<u8> {
    let mut record = vec![kind];
    record.extend(version.wire().to_be_bytes());
    record.extend((content.len() as u16).to_be_bytes());
    record.extend(content);
    record
}

/// A handshake message: kind and body.
pub(crate) fn message(kind: u8, body: &[u8]) -> Vec<u8> {
    let length = (body.len() as u32).to_be_bytes();
    [&[kind], &length[1..], body].concat()
}

/// A `ServerHello` without extensions.
pub(crate) fn server_hello(version: TlsVersion, suite: u16) -> Vec<u8> {
    let version = version.wire().to_be_bytes();
    message(
        2,
        &[&version[..], &[7; 32], &[0], &suite.to_be_bytes(), &[0]].concat(),
    )
}

/// A `Certificate` of TLS 1.2.
pub(super) fn certificate(ders: &[&[u8]]) -> Vec<u8> {
    let sized = |bytes: &[u8]| [&(bytes.len() as u32).to_be_bytes()[1..], bytes].concat();
    let list: Vec<u8> = ders.iter().flat_map(|der| sized(der)).collect();
    message(11, &sized(&list))
}

#[test]
fn a_handshake_and_questions_add_up() {
    let wishes = || Wishes {
        versions: &OLD,
        ..Wishes::default()
    };
    let mut handshake = Handshake::new(Some("www.example.org"), Handshake::ALPN);
    let mut peer = server(wishes());
    while handshake.state() == State::Shaking {
        let bytes = answer(&mut peer, &handshake.to_send());
        handshake.take(&bytes);
    }
    let mut tls = Tls::default();
    tls.learn(&handshake);
    let mut asked = Vec::new();
    while let Some(version) = tls.versions.next() {
        asked.push(version);
        let mut question = Question::of(version, None);
        let bytes = answer(&mut server(wishes()), &question.to_send());
        question.take(&bytes);
        question.ended();
        tls.hear(&question);
    }
    assert!(tls.versions.accepted().eq([TlsVersion::Tls12]));
    assert_eq!(
        asked,
        [TlsVersion::Tls11, TlsVersion::Tls10, TlsVersion::Ssl30]
    );
    assert_eq!(tls.versions.refused().count(), 4);
    assert_eq!(tls.chain.certificates.len(), 1);
}

#[test]
fn any_version_up_to_1_2_shows_its_certificates() {
    let mut question = Question::any(Some("www.example.org"));
    let bytes = answer(&mut server(Wishes::default()), &question.to_send());
    question.take(&bytes);
    let mut tls = Tls::default();
    tls.hear(&question);
    assert!(tls.versions.accepted().eq([TlsVersion::Tls12]));
    assert_eq!(tls.versions.of(TlsVersion::Tls13), Acceptance::NotAsked);
    assert!(
        tls.chain
            .own()
            .is_some_and(|own| own.matches("www.example.org") == Some(true))
    );
    assert_eq!(
        tls.cipher.map(|suite| suite.to_string()).as_deref(),
        Some("TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256")
    );
}

/// Of the newest version that was spoken, whichever was heard first.
#[test]
fn the_cipher_is_of_the_newest_version() {
    let hear = |tls: &mut Tls, version, suite| {
        let mut question = Question::of(version, None);
        let mut hello = server_hello(version.min(TlsVersion::Tls12), suite);
        if version == TlsVersion::Tls13 {
            hello.extend([0, 6, 0, 43, 0, 2, 3, 4]);
            hello[3] += 8;
        }
        question.take(&record(22, version, &hello));
        tls.hear(&question);
    };
    let mut tls = Tls::default();
    hear(&mut tls, TlsVersion::Tls11, 0x0035);
    assert_eq!(tls.cipher, Some(Suite(0x0035)));
    hear(&mut tls, TlsVersion::Tls13, 0x1305);
    assert_eq!(tls.cipher, Some(Suite(0x1305)));
    hear(&mut tls, TlsVersion::Tls12, 0xC02F);
    assert_eq!(tls.cipher, Some(Suite(0x1305)));
    assert_eq!(tls.versions.accepted().count(), 3);
}

#[test]
fn alerts_and_failures_are_told_by_name() {
    assert_eq!(Alert(40).to_string(), "handshake_failure (40)");
    assert_eq!(Alert(7).to_string(), "alert 7");
    assert_eq!(
        Failure::Alert(Alert::NO_APPLICATION_PROTOCOL).to_string(),
        "refused: no_application_protocol (120)"
    );
    let named = (0..=255).filter(|number| Alert(*number).name().is_some());
    assert_eq!(named.count(), 36, "no number stands twice");
}
