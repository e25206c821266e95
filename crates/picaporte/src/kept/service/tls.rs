//! What a port's TLS offers, and its certificates.

use std::net::IpAddr;

use picaporte_identify::tls::{
    self, Acceptance, Alert, DnsName, KeyKind, Refusal, SelfSigned, Suite, TlsVersion, Versions,
};
use serde::{Deserialize, Serialize};

use super::{Bad, Sent, checked, word};

#[derive(Serialize, Deserialize)]
pub(super) struct Tls {
    versions: [Stand; 5],
    cipher: Option<u16>,
    alpn: Option<Sent>,
    starttls: bool,
    asks_client_certificate: bool,
    certificates: Vec<Certificate>,
    left_out: u64,
}

#[derive(Serialize, Deserialize)]
enum Stand {
    NotAsked,
    Unclear,
    Accepted,
    Alert(u8),
    /// Its place in [`TlsVersion::ALL`].
    Chose(u8),
    Closed,
}

#[derive(Serialize, Deserialize)]
struct Certificate {
    sha256: String,
    details: Option<Details>,
}

#[derive(Serialize, Deserialize)]
struct Details {
    subject: Sent,
    issuer: Sent,
    names: Vec<AltName>,
    names_left_out: u64,
    serial: String,
    not_before: i64,
    not_after: i64,
    kind: Kind,
    bits: Option<u32>,
    signature: String,
    self_signed: Signed,
}

#[derive(Serialize, Deserialize)]
enum AltName {
    Dns(String),
    Address(IpAddr),
    Other(Sent),
    CommonName(Sent),
}

#[derive(Serialize, Deserialize)]
enum Kind {
    Rsa,
    RsaPss,
    Dsa,
    Ec(String),
    Ed25519,
    Ed448,
    Other(String),
}

#[derive(Serialize, Deserialize)]
enum Signed {
    No,
    Yes,
    Unproven,
}

impl Tls {
    pub(super) fn of(tls: &tls::Tls) -> Self {
        let tls::Tls {
            versions,
            cipher,
            alpn,
            starttls,
            asks_client_certificate,
            chain,
        } = tls;
        Self {
            versions: TlsVersion::ALL.map(|version| Stand::of(versions.of(version))),
            cipher: cipher.map(|suite| suite.0),
            alpn: alpn.as_ref().map(Sent::of),
            starttls: *starttls,
            asks_client_certificate: *asks_client_certificate,
            certificates: chain.certificates.iter().map(Certificate::of).collect(),
            left_out: chain.left_out as u64,
        }
    }

    pub(super) fn check(self) -> Result<tls::Tls, Bad> {
        if self.certificates.len() > tls::Chain::MOST {
            return Err(Bad);
        }
        let mut versions = [Acceptance::default(); 5];
        for (version, stand) in versions.iter_mut().zip(self.versions) {
            *version = stand.check()?;
        }
        let certificates = self.certificates.into_iter().map(Certificate::check);
        Ok(tls::Tls {
            versions: Versions::restored(versions),
            cipher: self.cipher.map(Suite),
            alpn: checked(self.alpn, Sent::check)?,
            starttls: self.starttls,
            asks_client_certificate: self.asks_client_certificate,
            chain: tls::Chain {
                certificates: certificates.collect::<Result<_, _>>()?,
                left_out: number(self.left_out)?,
            },
        })
    }
}

fn number(n: u64) -> Result<usize, Bad> {
    usize::try_from(n).map_err(|_| Bad)
}

impl Stand {
    fn of(stand: Acceptance) -> Self {
        match stand {
            Acceptance::NotAsked => Self::NotAsked,
            Acceptance::Unclear => Self::Unclear,
            Acceptance::Accepted => Self::Accepted,
            Acceptance::Refused(Refusal::Alert(alert)) => Self::Alert(alert.0),
            Acceptance::Refused(Refusal::Chose(version)) => Self::Chose(version as u8),
            Acceptance::Refused(Refusal::Closed) => Self::Closed,
        }
    }

    fn check(self) -> Result<Acceptance, Bad> {
        let refusal = match self {
            Self::NotAsked => return Ok(Acceptance::NotAsked),
            Self::Unclear => return Ok(Acceptance::Unclear),
            Self::Accepted => return Ok(Acceptance::Accepted),
            Self::Alert(alert) => Refusal::Alert(Alert(alert)),
            Self::Chose(version) => {
                let version = TlsVersion::ALL.get(usize::from(version));
                Refusal::Chose(*version.ok_or(Bad)?)
            }
            Self::Closed => Refusal::Closed,
        };
        Ok(Acceptance::Refused(refusal))
    }
}

impl Certificate {
    fn of(certificate: &tls::Certificate) -> Self {
        Self {
            sha256: certificate.sha256.clone(),
            details: certificate.details.as_ref().map(Details::of),
        }
    }

    fn check(self) -> Result<tls::Certificate, Bad> {
        if self.sha256.len() != 64 {
            return Err(Bad);
        }
        Ok(tls::Certificate {
            sha256: hexadecimal(self.sha256)?,
            details: checked(self.details, Details::check)?,
        })
    }
}

/// At most 64 bytes, two digits each.
fn hexadecimal(text: String) -> Result<String, Bad> {
    let fits = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() <= 128 && text.bytes().all(fits) {
        Ok(text)
    } else {
        Err(Bad)
    }
}

impl Details {
    fn of(details: &tls::Details) -> Self {
        let tls::Details {
            subject,
            issuer,
            names,
            names_left_out,
            serial,
            not_before,
            not_after,
            key,
            signature,
            self_signed,
        } = details;
        Self {
            subject: Sent::of(subject),
            issuer: Sent::of(issuer),
            names: names.iter().map(AltName::of).collect(),
            names_left_out: *names_left_out as u64,
            serial: serial.clone(),
            not_before: *not_before,
            not_after: *not_after,
            kind: Kind::of(&key.kind),
            bits: key.bits,
            signature: signature.clone(),
            self_signed: match self_signed {
                SelfSigned::No => Signed::No,
                SelfSigned::Yes => Signed::Yes,
                SelfSigned::Unproven => Signed::Unproven,
            },
        }
    }

    fn check(self) -> Result<tls::Details, Bad> {
        if self.names.len() > tls::Details::NAMES {
            return Err(Bad);
        }
        let names = self.names.into_iter().map(AltName::check);
        Ok(tls::Details {
            subject: self.subject.check()?,
            issuer: self.issuer.check()?,
            names: names.collect::<Result<_, _>>()?,
            names_left_out: number(self.names_left_out)?,
            serial: hexadecimal(self.serial)?,
            not_before: self.not_before,
            not_after: self.not_after,
            key: tls::Key {
                kind: self.kind.check()?,
                bits: self.bits,
            },
            signature: word(self.signature)?,
            self_signed: match self.self_signed {
                Signed::No => SelfSigned::No,
                Signed::Yes => SelfSigned::Yes,
                Signed::Unproven => SelfSigned::Unproven,
            },
        })
    }
}

impl AltName {
    fn of(name: &tls::AltName) -> Self {
        match name {
            tls::AltName::Dns(name) => Self::Dns(name.to_string()),
            tls::AltName::Address(address) => Self::Address(*address),
            tls::AltName::Other(name) => Self::Other(Sent::of(name)),
            tls::AltName::CommonName(name) => Self::CommonName(Sent::of(name)),
        }
    }

    fn check(self) -> Result<tls::AltName, Bad> {
        Ok(match self {
            Self::Dns(name) => tls::AltName::Dns(DnsName::new(&name).ok_or(Bad)?),
            Self::Address(address) => tls::AltName::Address(address),
            Self::Other(name) => tls::AltName::Other(name.check()?),
            Self::CommonName(name) => tls::AltName::CommonName(name.check()?),
        })
    }
}

impl Kind {
    fn of(kind: &KeyKind) -> Self {
        match kind {
            KeyKind::Rsa => Self::Rsa,
            KeyKind::RsaPss => Self::RsaPss,
            KeyKind::Dsa => Self::Dsa,
            KeyKind::Ec(curve) => Self::Ec(curve.clone()),
            KeyKind::Ed25519 => Self::Ed25519,
            KeyKind::Ed448 => Self::Ed448,
            KeyKind::Other(name) => Self::Other(name.clone()),
        }
    }

    fn check(self) -> Result<KeyKind, Bad> {
        Ok(match self {
            Self::Rsa => KeyKind::Rsa,
            Self::RsaPss => KeyKind::RsaPss,
            Self::Dsa => KeyKind::Dsa,
            Self::Ec(curve) => KeyKind::Ec(word(curve)?),
            Self::Ed25519 => KeyKind::Ed25519,
            Self::Ed448 => KeyKind::Ed448,
            Self::Other(name) => KeyKind::Other(word(name)?),
        })
    }
}
