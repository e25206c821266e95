//! `service` of a port: what listens there, and what its TLS offers. What the other side sent stands as [`Untrusted`](super::super::encode::Untrusted) shows it.

use picaporte_core::{Address, Instant, Verdict};
use picaporte_encode::Untrusted;
use picaporte_identify::tls::{self, AltName, SelfSigned};
use serde::Serialize;

use super::super::Header;
use super::super::header::Stamp;
use super::super::scope::is_zero;

/// What listens on a port.
#[derive(Serialize)]
pub(in crate::report) struct Service {
    /// Null: nothing that came was recognized.
    name: Option<String>,
    product: Option<String>,
    version: Option<String>,
    extra: Option<String>,
    hostname: Option<String>,
    cpe: Vec<String>,
    /// It is spoken inside TLS.
    inside_tls: bool,
    /// Whose answer told most; `greeting` for what came unasked.
    probe: Option<String>,
    /// The beginning of what came, where no rule knows it.
    excerpt: Option<String>,
    connections: u8,
    tls: Option<Tls>,
}

#[derive(Serialize)]
struct Tls {
    /// Reached by a command of the protocol.
    starttls: bool,
    versions: Vec<String>,
    refused: Vec<String>,
    cipher: Option<String>,
    alpn: Option<String>,
    asks_client_certificate: bool,
    certificates: Vec<Certificate>,
    #[serde(skip_serializing_if = "is_zero")]
    certificates_left_out: usize,
}

#[derive(Serialize)]
struct Certificate {
    sha256: String,
    /// Null: it can't be read.
    #[serde(flatten)]
    details: Option<Details>,
}

#[derive(Serialize)]
struct Details {
    subject: String,
    issuer: String,
    names: Vec<String>,
    #[serde(skip_serializing_if = "is_zero")]
    names_left_out: usize,
    serial: String,
    not_before: Option<Stamp>,
    not_after: Option<Stamp>,
    /// Its time is over, or has not come, at the moment at which the port was found.
    expired: bool,
    not_yet_valid: bool,
    key: String,
    signature: String,
    self_signed: &'static str,
    /// Whether it is good for the name that was asked for, or else the address; null where names were left out.
    matches: Option<bool>,
}

impl Service {
    /// That of a listed port, where it was asked.
    pub(in crate::report) fn at(header: &Header, verdict: &Verdict) -> Option<Self> {
        let service = header.service(verdict.address, verdict.port)?;
        let tls = service.tls.as_ref();
        let excerpt = service.excerpt.as_ref().filter(|_| service.name.is_none());
        Some(Self {
            name: service.name.as_ref().map(ToString::to_string),
            product: service.product.as_ref().map(Untrusted::json),
            version: service.version.as_ref().map(ToString::to_string),
            extra: service.extra.as_ref().map(Untrusted::json),
            hostname: service.hostname.as_ref().map(Untrusted::json),
            cpe: service.cpe.iter().map(ToString::to_string).collect(),
            inside_tls: service.inside_tls,
            probe: service.probe.as_deref().map(ToOwned::to_owned),
            excerpt: excerpt.map(Untrusted::json),
            connections: service.connections,
            tls: tls.map(|tls| Tls::of(header, verdict.address, verdict.at, tls)),
        })
    }
}

impl Tls {
    fn of(header: &Header, address: Address, at: Instant, tls: &tls::Tls) -> Self {
        let at = header.second(at);
        let host = asked(header, address);
        let certificates = tls.chain.certificates.iter();
        Self {
            starttls: tls.starttls,
            versions: tls.versions.accepted().map(|v| v.to_string()).collect(),
            refused: tls.versions.refused().map(|(v, _)| v.to_string()).collect(),
            cipher: tls.cipher.map(|cipher| cipher.to_string()),
            alpn: tls.alpn.as_ref().map(Untrusted::json),
            asks_client_certificate: tls.asks_client_certificate,
            certificates: certificates
                .map(|certificate| Certificate {
                    sha256: certificate.sha256.clone(),
                    details: certificate
                        .details
                        .as_ref()
                        .map(|details| Details::of(details, at, &host)),
                })
                .collect(),
            certificates_left_out: tls.chain.left_out,
        }
    }
}

/// What TLS was asked for: the host's first name, or else its address.
pub(in crate::report) fn asked(header: &Header, address: Address) -> String {
    let name = header.names(address).first();
    name.map_or_else(|| address.ip.to_string(), ToString::to_string)
}

impl Details {
    fn of(details: &tls::Details, at: i64, host: &str) -> Self {
        Self {
            subject: details.subject.json(),
            issuer: details.issuer.json(),
            names: details.names.iter().map(alt_name).collect(),
            names_left_out: details.names_left_out,
            serial: details.serial.clone(),
            not_before: Stamp::of_second(details.not_before),
            not_after: Stamp::of_second(details.not_after),
            expired: details.is_expired(at),
            not_yet_valid: details.is_not_yet_valid(at),
            key: details.key.to_string(),
            signature: details.signature.clone(),
            self_signed: self_signed(details.self_signed),
            matches: details.matches(host),
        }
    }
}

pub(in crate::report) fn self_signed(is: SelfSigned) -> &'static str {
    match is {
        SelfSigned::Yes => "yes",
        SelfSigned::No => "no",
        SelfSigned::Unproven => "unproven",
    }
}

/// As text of JSON.
fn alt_name(name: &AltName) -> String {
    match name {
        AltName::Dns(name) => name.as_str().to_owned(),
        AltName::Address(address) => address.to_string(),
        AltName::Other(name) | AltName::CommonName(name) => name.json(),
    }
}
