//! Reads a certificate's DER with x509-parser, as far as it can be read.

use std::fmt::Write as _;
use std::net::IpAddr;

use picaporte_encode::Untrusted;
use sha2::{Digest as _, Sha256};
use x509_parser::asn1_rs::{FromDer as _, Sequence};
use x509_parser::certificate::{X509Certificate, X509CertificateParser};
use x509_parser::error::X509Error;
use x509_parser::extensions::GeneralName;
use x509_parser::nom::Parser as _;
use x509_parser::oid_registry::OID_X509_EXT_SUBJECT_ALT_NAME;

use super::distinguished::{bytes, common_name, written};
use super::host::DnsName;
use super::key::{Key, KeyKind, PSS, dotted, signature};
use super::{AltName, Certificate, Details, SelfSigned};

/// Bytes of a serial number that are shown.
const SERIAL: usize = 64;

impl Certificate {
    /// Reads DER. What stands behind the certificate is passed over.
    pub(in crate::tls) fn read(der: &[u8]) -> Self {
        // Extensions are read one by one, so that one that can't be read leaves the others.
        let mut parser = X509CertificateParser::new().with_deep_parse_extensions(false);
        let parsed = parser.parse(der).ok();
        Self {
            sha256: hexadecimal(&Sha256::digest(der)),
            details: parsed.map(|(_, certificate)| Details::read(&certificate)),
        }
    }
}

impl Details {
    fn read(certificate: &X509Certificate<'_>) -> Self {
        let key = Key::read(certificate.public_key());
        let (names, names_left_out) = names(certificate);
        let serial = certificate.raw_serial();
        let signature = signature(&certificate.signature_algorithm);
        Self {
            subject: written(certificate.subject()),
            issuer: written(certificate.issuer()),
            names,
            names_left_out,
            serial: hexadecimal(&serial[..serial.len().min(SERIAL)]),
            not_before: certificate.validity().not_before.timestamp(),
            not_after: certificate.validity().not_after.timestamp(),
            self_signed: self_signed(certificate, &key, &signature),
            signature,
            key,
        }
    }
}

/// The names that are kept, and how many more there were.
fn names(certificate: &X509Certificate<'_>) -> (Vec<AltName>, usize) {
    let mut bytes = 0;
    let (mut kept, mut left_out) = (Vec::new(), 0);
    let mut is_full = false;
    each_name(certificate, |name| {
        let length = length(&name);
        is_full |= kept.len() == Details::NAMES || bytes + length > Details::NAMES_BYTES;
        if is_full {
            left_out += 1;
        } else {
            bytes += length;
            kept.push(alt_name(&name));
        }
    });
    if kept.is_empty() {
        kept.extend(common_name(certificate.subject()).map(AltName::CommonName));
    }
    (kept, left_out)
}

/// The names of subjectAltName (RFC 5280, section 4.2.1.6), one at a time; up to the first that can't be read.
fn each_name(certificate: &X509Certificate<'_>, mut tell: impl FnMut(GeneralName<'_>)) {
    let is_names = |oid| oid == OID_X509_EXT_SUBJECT_ALT_NAME;
    let mut extensions = certificate.iter_extensions();
    let Some(extension) = extensions.find(|e| is_names(e.oid.clone())) else {
        return;
    };
    let Ok((_, list)) = Sequence::from_der(extension.value) else {
        return;
    };
    let mut rest: &[u8] = &list.content;
    while !rest.is_empty() {
        let Ok((behind, name)) = GeneralName::from_der(rest) else {
            return;
        };
        tell(name);
        rest = behind;
    }
}

fn alt_name(name: &GeneralName<'_>) -> AltName {
    match name {
        GeneralName::DNSName(name) => match DnsName::new(name) {
            Some(name) => AltName::Dns(name),
            None => other("DNS:", name.as_bytes()),
        },
        GeneralName::IPAddress(bytes) => match address(bytes) {
            Some(address) => AltName::Address(address),
            None => other("IP:", bytes),
        },
        GeneralName::RFC822Name(name) => other("email:", name.as_bytes()),
        GeneralName::URI(name) => other("URI:", name.as_bytes()),
        GeneralName::OtherName(id, _) => other("otherName:", dotted(id).as_bytes()),
        GeneralName::RegisteredID(id) => other("RID:", dotted(id).as_bytes()),
        GeneralName::DirectoryName(name) => other("dirName:", &bytes(name)),
        GeneralName::X400Address(_) => AltName::Other(Untrusted::new("X400Name")),
        GeneralName::EDIPartyName(_) => AltName::Other(Untrusted::new("EdiPartyName")),
        GeneralName::Invalid(tag, bytes) => other(&format!("[{}]:", tag.0), bytes),
    }
}

/// A name with its kind before it.
fn other(kind: &str, name: &[u8]) -> AltName {
    let kept = &name[..name.len().min(Details::NAME)];
    let whole = [kind.as_bytes(), kept].concat();
    AltName::Other(Untrusted::beginning(&whole, Details::NAME))
}

/// About as many bytes as a name takes.
fn length(name: &GeneralName<'_>) -> usize {
    let bytes = match name {
        GeneralName::DNSName(name) | GeneralName::RFC822Name(name) | GeneralName::URI(name) => {
            name.len()
        }
        GeneralName::IPAddress(bytes) | GeneralName::Invalid(_, bytes) => bytes.len(),
        _ => 64,
    };
    bytes.clamp(16, Details::NAME)
}

fn address(bytes: &[u8]) -> Option<IpAddr> {
    let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
    let six = <[u8; 16]>::try_from(bytes).map(IpAddr::from);
    four.or(six).ok()
}

fn self_signed(certificate: &X509Certificate<'_>, key: &Key, signature: &str) -> SelfSigned {
    if certificate.subject().as_raw() != certificate.issuer().as_raw() {
        return SelfSigned::No;
    }
    match certificate.verify_signature(None) {
        Ok(()) => SelfSigned::Yes,
        Err(X509Error::SignatureVerificationError) if is_checked(key, signature) => SelfSigned::No,
        Err(_) => SelfSigned::Unproven,
    }
}

/// Whether a signature that ring says no to is a bad one: of RSA it says no also to keys of other lengths, and to PSS with a salt that is not as long as the digest.
fn is_checked(key: &Key, signature: &str) -> bool {
    match key.kind {
        KeyKind::Rsa => {
            key.bits.is_some_and(|bits| (2048..=8192).contains(&bits)) && signature != PSS
        }
        KeyKind::RsaPss => false,
        _ => true,
    }
}

fn hexadecimal(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
    text
}
