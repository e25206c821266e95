//! Certificates that no authority would sign.

use libtest_mimic::Failed;
use rcgen::{
    CertificateParams, CustomExtension, DnType, Issuer, KeyPair, PKCS_ECDSA_P256_SHA256,
    PKCS_ED25519, SanType,
};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

/// A key and a certificate for it.
pub(crate) struct Pair {
    pub(crate) der: CertificateDer<'static>,
    pub(crate) key: KeyPair,
}

impl Pair {
    /// The key as rustls takes it.
    pub(crate) fn private(&self) -> Result<PrivateKeyDer<'static>, Failed> {
        Ok(PrivateKeyDer::try_from(self.key.serialize_der())?)
    }
}

fn named(name: &str) -> Result<CertificateParams, Failed> {
    let mut params = CertificateParams::new(Vec::new())?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    Ok(params)
}

/// One like any other.
pub(crate) fn plain() -> Result<Pair, Failed> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let params = CertificateParams::new(vec!["www.example.org".to_owned()])?;
    let der = params.self_signed(&key)?.der().clone();
    Ok(Pair { der, key })
}

/// One with an extension of so many bytes.
pub(crate) fn big(bytes: usize) -> Result<Pair, Failed> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let mut params = CertificateParams::new(vec!["big.example.org".to_owned()])?;
    // An arc of IANA's that is set aside for examples (RFC 7299 has none; this is RFC 5612's).
    let own = [1, 3, 6, 1, 4, 1, 32_473, 1];
    let extension = CustomExtension::from_oid_content(&own, vec![0x55; bytes]);
    params.custom_extensions.push(extension);
    let der = params.self_signed(&key)?.der().clone();
    Ok(Pair { der, key })
}

/// Two that have signed each other, as small as they can be.
pub(crate) fn loops() -> Result<[Pair; 2], Failed> {
    let keys = [
        KeyPair::generate_for(&PKCS_ED25519)?,
        KeyPair::generate_for(&PKCS_ED25519)?,
    ];
    let signed = |subject: usize, name, by| -> Result<CertificateDer<'static>, Failed> {
        let issuer = Issuer::new(named(by)?, &keys[1 - subject]);
        let certificate = named(name)?.signed_by(&keys[subject], &issuer)?;
        Ok(certificate.der().clone())
    };
    let ders = [signed(0, "A", "B")?, signed(1, "B", "A")?];
    let [a, b] = keys;
    let [of_a, of_b] = ders;
    Ok([Pair { der: of_a, key: a }, Pair { der: of_b, key: b }])
}

/// One whose names are these bytes: that of its subject, which is its issuer's, and one that it is good for.
pub(crate) fn called(name: &[u8]) -> Result<Pair, Failed> {
    let key = KeyPair::generate_for(&PKCS_ECDSA_P256_SHA256)?;
    let stands_for_it = "Q".repeat(name.len());
    let mut params = named(&stands_for_it)?;
    let other = SanType::DnsName(stands_for_it.as_str().try_into()?);
    params.subject_alt_names.push(other);
    let der = params.self_signed(&key)?.der().clone();
    Ok(Pair {
        der: put(&der, stands_for_it.as_bytes(), name).into(),
        key,
    })
}

/// Puts other bytes, as many, wherever some stand.
fn put(der: &[u8], some: &[u8], other: &[u8]) -> Vec<u8> {
    let mut der = der.to_vec();
    for at in 0..der.len().saturating_sub(some.len()) {
        if der[at..].starts_with(some) {
            der[at..at + other.len()].copy_from_slice(other);
        }
    }
    der
}
