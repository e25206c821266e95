//! Kinds of keys and signatures, by the names that auditors know them by.

use std::fmt;

use x509_parser::asn1_rs::Oid;
use x509_parser::der_parser::der::parse_der_integer;
use x509_parser::public_key::PublicKey;
use x509_parser::x509::{AlgorithmIdentifier, SubjectPublicKeyInfo};

/// A public key: its kind and its length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its kind.
    pub kind: KeyKind,
    /// Its length in bits, of RSA's modulus, DSA's prime and the field of a curve; `None` where the kind says it, or it is not known.
    pub bits: Option<u32>,
}

/// A kind of key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum KeyKind {
    /// RSA (RFC 8017)
    Rsa,
    /// RSA for PSS signatures alone (RFC 4055)
    RsaPss,
    /// DSA (RFC 3279)
    Dsa,
    /// A point on a curve, by the curve's name (RFC 5480, SEC 2, RFC 5639), or else its object identifier
    Ec(String),
    /// Ed25519 (RFC 8410)
    Ed25519,
    /// Ed448 (RFC 8410)
    Ed448,
    /// Another, by its name or else its object identifier
    Other(String),
}

/// `RSA 2048`, `EC P-256`, `Ed25519`.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            KeyKind::Rsa => f.write_str("RSA")?,
            KeyKind::RsaPss => f.write_str("RSA-PSS")?,
            KeyKind::Dsa => f.write_str("DSA")?,
            KeyKind::Ec(curve) => return write!(f, "EC {curve}"),
            KeyKind::Ed25519 => f.write_str("Ed25519")?,
            KeyKind::Ed448 => f.write_str("Ed448")?,
            KeyKind::Other(name) => f.write_str(name)?,
        }
        match self.bits {
            Some(bits) => write!(f, " {bits}"),
            None => Ok(()),
        }
    }
}

/// Curves, and the bits of their fields.
const CURVES: [(&str, &str, u32); 8] = [
    ("1.2.840.10045.3.1.1", "P-192", 192),
    ("1.3.132.0.33", "P-224", 224),
    ("1.2.840.10045.3.1.7", "P-256", 256),
    ("1.3.132.0.34", "P-384", 384),
    ("1.3.132.0.35", "P-521", 521),
    ("1.3.132.0.10", "secp256k1", 256),
    ("1.3.36.3.3.2.8.1.1.7", "brainpoolP256r1", 256),
    ("1.3.36.3.3.2.8.1.1.11", "brainpoolP384r1", 384),
];

/// Algorithms of signatures, by the names of RFC 3279, 4055, 5758, 8017, 8410, 8692, 9881 and GM/T 0006. ML-DSA's are those of its keys too.
const SIGNATURES: [(&str, &str); 25] = [
    ("1.2.840.113549.1.1.2", "md2WithRSAEncryption"),
    ("1.2.840.113549.1.1.4", "md5WithRSAEncryption"),
    ("1.2.840.113549.1.1.5", "sha1WithRSAEncryption"),
    ("1.3.14.3.2.29", "sha1WithRSASignature"),
    ("1.2.840.113549.1.1.14", "sha224WithRSAEncryption"),
    ("1.2.840.113549.1.1.11", "sha256WithRSAEncryption"),
    ("1.2.840.113549.1.1.12", "sha384WithRSAEncryption"),
    ("1.2.840.113549.1.1.13", "sha512WithRSAEncryption"),
    (RSA_PSS, PSS),
    ("1.2.840.10040.4.3", "dsa-with-sha1"),
    ("2.16.840.1.101.3.4.3.1", "dsa-with-sha224"),
    ("2.16.840.1.101.3.4.3.2", "dsa-with-sha256"),
    ("1.2.840.10045.4.1", "ecdsa-with-SHA1"),
    ("1.2.840.10045.4.3.1", "ecdsa-with-SHA224"),
    ("1.2.840.10045.4.3.2", "ecdsa-with-SHA256"),
    ("1.2.840.10045.4.3.3", "ecdsa-with-SHA384"),
    ("1.2.840.10045.4.3.4", "ecdsa-with-SHA512"),
    (ED25519, "Ed25519"),
    (ED448, "Ed448"),
    ("2.16.840.1.101.3.4.3.17", "ML-DSA-44"),
    ("2.16.840.1.101.3.4.3.18", "ML-DSA-65"),
    ("2.16.840.1.101.3.4.3.19", "ML-DSA-87"),
    ("1.2.156.10197.1.501", "SM2-with-SM3"),
    ("1.2.643.7.1.1.3.2", "GOST R 34.10-2012 256"),
    ("1.2.643.7.1.1.3.3", "GOST R 34.10-2012 512"),
];

/// The one signature whose name others ask for.
pub(super) const PSS: &str = "RSASSA-PSS";

const RSA: &str = "1.2.840.113549.1.1.1";
const RSA_PSS: &str = "1.2.840.113549.1.1.10";
const DSA: &str = "1.2.840.10040.4.1";
const EC: &str = "1.2.840.10045.2.1";
const ED25519: &str = "1.3.101.112";
const ED448: &str = "1.3.101.113";

impl Key {
    pub(super) fn read(info: &SubjectPublicKeyInfo<'_>) -> Self {
        let id = dotted(&info.algorithm.algorithm);
        let (kind, bits) = match &*id {
            RSA => (KeyKind::Rsa, modulus(info)),
            // Its key is an RSA key; x509-parser reads it only under that name.
            RSA_PSS => (KeyKind::RsaPss, modulus(&as_rsa(info))),
            DSA => (KeyKind::Dsa, prime(&info.algorithm)),
            EC => curve(&info.algorithm),
            ED25519 => (KeyKind::Ed25519, None),
            ED448 => (KeyKind::Ed448, None),
            _ => (KeyKind::Other(signature_name(&id)), None),
        };
        Self { kind, bits }
    }
}

/// The algorithm of a signature.
pub(super) fn signature(algorithm: &AlgorithmIdentifier<'_>) -> String {
    signature_name(&dotted(&algorithm.algorithm))
}

fn signature_name(id: &str) -> String {
    let known = SIGNATURES.iter().find(|(known, _)| *known == id);
    known.map_or(id, |(_, name)| name).to_owned()
}

/// As numbers and dots. One of more than 64 bytes is no name of anything.
pub(super) fn dotted(id: &Oid<'_>) -> String {
    match id.as_bytes().len() {
        0..=64 => id.to_id_string(),
        bytes => format!("object identifier of {bytes} bytes"),
    }
}

fn as_rsa<'a>(info: &SubjectPublicKeyInfo<'a>) -> SubjectPublicKeyInfo<'a> {
    let mut info = info.clone();
    info.algorithm.algorithm = x509_parser::oid_registry::OID_PKCS1_RSAENCRYPTION;
    info
}

fn modulus(info: &SubjectPublicKeyInfo<'_>) -> Option<u32> {
    match info.parsed() {
        Ok(PublicKey::RSA(key)) => Some(bits(key.modulus)),
        _ => None,
    }
}

/// DSA's parameters begin with its prime (RFC 3279, section 2.3.2).
fn prime(algorithm: &AlgorithmIdentifier<'_>) -> Option<u32> {
    let parameters = algorithm.parameters.as_ref()?;
    let (_, prime) = parse_der_integer(parameters.data).ok()?;
    prime.as_slice().ok().map(bits)
}

fn curve(algorithm: &AlgorithmIdentifier<'_>) -> (KeyKind, Option<u32>) {
    let id = algorithm.parameters.as_ref().and_then(|p| p.as_oid().ok());
    // A curve may be spelled out in full, which RFC 5480 forbids.
    let id = id.map_or_else(|| "of its own".to_owned(), |id| dotted(&id));
    let known = CURVES.iter().find(|(known, ..)| *known == id);
    let (name, bits) = known.map_or((&*id, None), |(_, name, bits)| (name, Some(*bits)));
    (KeyKind::Ec(name.to_owned()), bits)
}

/// Bits of a number, big-endian.
fn bits(number: &[u8]) -> u32 {
    let zeros = number.iter().take_while(|byte| **byte == 0).count();
    let number = &number[zeros..];
    let first = number.first().map_or(0, |byte| byte.leading_zeros());
    (number.len() as u32 * 8).saturating_sub(first)
}
