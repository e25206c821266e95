//! A `ClientHello` of our own, for what rustls does not offer (RFC 5246, section 7.4.1.2; RFC 8446, section 4.1.2). It is never followed by anything: the answer is what was asked.

use sha2::{Digest as _, Sha256};

use super::suites::{ANY, TLS12, TLS13};
use super::version::TlsVersion;

#[cfg(test)]
mod tests;

/// `TLS_EMPTY_RENEGOTIATION_INFO_SCSV` (RFC 5746, section 3.3): servers that insist on it would refuse for another reason than the version.
const RENEGOTIATION: u16 = 0x00FF;

/// Elliptic curves came after SSL 3.0, with extensions that it lacks; their suites have numbers from here on.
const CURVES: u16 = 0xC000;

/// Signature algorithms (RFC 5246, section 7.4.1.4.1; RFC 8446, section 4.2.3), the old ones last: those of ECDSA, Ed25519 and Ed448, RSA-PSS, RSA and DSA, with SHA-1 and MD5 too.
const SIGNATURES: [u16; 22] = [
    0x0403, 0x0503, 0x0603, 0x0807, 0x0808, 0x0804, 0x0805, 0x0806, 0x0809, 0x080A, 0x080B, 0x0401,
    0x0501, 0x0601, 0x0402, 0x0303, 0x0301, 0x0302, 0x0203, 0x0201, 0x0202, 0x0101,
];

/// Groups (IANA "TLS Supported Groups"): x25519, P-256, x448, P-521, P-384, Brainpool, ffdhe2048 to 8192, secp256k1, P-224 and P-192.
const GROUPS: [u16; 16] = [
    29, 23, 30, 25, 24, 26, 27, 28, 256, 257, 258, 259, 260, 22, 21, 19,
];

/// All suites that a hello of this version may offer.
pub(super) fn offers(newest: TlsVersion) -> impl Iterator<Item = u16> {
    let lists: &[&[(u16, &str)]] = match newest {
        TlsVersion::Tls13 => &[TLS13],
        TlsVersion::Tls12 => &[TLS12, ANY],
        _ => &[ANY],
    };
    let curves = newest > TlsVersion::Ssl30;
    let numbers = lists.iter().copied().flatten().map(|suite| suite.0);
    numbers.filter(move |number| curves || *number < CURVES)
}

/// The record that asks for `newest` and what is older (1.3: for it alone), and for a host by its name.
pub(super) fn hello(newest: TlsVersion, host: Option<&str>) -> Vec<u8> {
    let mut body = Vec::with_capacity(512);
    // 1.3 says 1.2 here, and its own number in an extension (RFC 8446, section 4.1.2).
    number(&mut body, newest.min(TlsVersion::Tls12).wire());
    body.extend(random(newest, host));
    body.push(0); // no session
    sized::<2>(&mut body, |out| {
        offers(newest).for_each(|suite| number(out, suite));
        if newest < TlsVersion::Tls13 {
            number(out, RENEGOTIATION);
        }
    });
    sized::<1>(&mut body, |out| out.push(0)); // no compression
    if newest > TlsVersion::Ssl30 {
        sized::<2>(&mut body, |out| extensions(out, newest, host));
    }
    let mut record = vec![22];
    // What is older than 1.0 is asked in its own words; else 1.0, which all take (RFC 8446, section 5.1).
    number(&mut record, newest.min(TlsVersion::Tls10).wire());
    sized::<2>(&mut record, |out| {
        out.push(1);
        sized::<3>(out, |out| out.extend(&body));
    });
    record
}

/// Nothing is ever encrypted with it, so it need not be secret: the same question has the same bytes.
fn random(newest: TlsVersion, host: Option<&str>) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(b"picaporte");
    hash.update(newest.wire().to_be_bytes());
    hash.update(host.unwrap_or_default());
    hash.finalize().into()
}

fn extensions(out: &mut Vec<u8>, newest: TlsVersion, host: Option<&str>) {
    if let Some(host) = host {
        // server_name (RFC 6066, section 3): a list of one, kind 0
        extension(out, 0, |out| {
            sized::<2>(out, |out| {
                out.push(0);
                sized::<2>(out, |out| out.extend(host.as_bytes()));
            });
        });
    }
    extension(out, 10, |out| numbers(out, &GROUPS));
    if newest < TlsVersion::Tls13 {
        // ec_point_formats (RFC 8422, section 5.1.2): uncompressed
        extension(out, 11, |out| sized::<1>(out, |out| out.push(0)));
        // extended_master_secret (RFC 7627): servers that insist on it would refuse for another reason than the version
        extension(out, 23, |_| ());
    }
    if newest >= TlsVersion::Tls12 {
        extension(out, 13, |out| numbers(out, &SIGNATURES));
    }
    if newest == TlsVersion::Tls13 {
        // supported_versions (RFC 8446, section 4.2.1)
        extension(out, 43, |out| {
            sized::<1>(out, |out| number(out, newest.wire()));
        });
        // key_share: empty, which asks the server to choose a group first (RFC 8446, section 4.2.8); its HelloRetryRequest is answer enough
        extension(out, 51, |out| sized::<2>(out, |_| ()));
    }
    pad(out);
}

/// Some servers hang on a hello of 256 to 511 bytes: it is made 512 (RFC 7685). `hello`: all of it but its head, of 4 bytes.
fn pad(hello: &mut Vec<u8>) {
    let length = 4 + hello.len();
    if (256..512).contains(&length) {
        // 4 bytes for the head of this extension; one byte at least in it
        let zeros = 512_usize.saturating_sub(length + 4).max(1);
        extension(hello, 21, |out| out.resize(out.len() + zeros, 0));
    }
}

fn extension(out: &mut Vec<u8>, kind: u16, content: impl FnOnce(&mut Vec<u8>)) {
    number(out, kind);
    sized::<2>(out, content);
}

/// A list of numbers behind its length in bytes.
fn numbers(out: &mut Vec<u8>, list: &[u16]) {
    sized::<2>(out, |out| list.iter().for_each(|n| number(out, *n)));
}

fn number(out: &mut Vec<u8>, number: u16) {
    out.extend(number.to_be_bytes());
}

/// What `content` writes, behind its length in `N` bytes.
fn sized<const N: usize>(out: &mut Vec<u8>, content: impl FnOnce(&mut Vec<u8>)) {
    let start = out.len();
    out.extend([0; N]);
    content(out);
    let length = (out.len() - start - N).to_be_bytes();
    out[start..start + N].copy_from_slice(&length[length.len() - N..]);
}
