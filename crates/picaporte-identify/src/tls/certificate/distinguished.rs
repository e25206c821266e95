//! Distinguished names as RFC 4514 writes them: `CN=www.example.org,O=Example\, Inc.,C=ES`; the last part of the sequence first.
//!
//! Into bytes: what a certificate says may be in no encoding at all, and leaves by an encoder only.

use picaporte_encode::Untrusted;
use x509_parser::asn1_rs::{Any, Tag, ToDer as _};
use x509_parser::x509::X509Name;

use super::Details;
use super::key::dotted;

#[cfg(test)]
mod tests;

/// Short names of attributes: those of RFC 4514, section 3, and others of IANA's registry "LDAP Descriptors" and RFC 2985 that certificates have.
const SHORT: [(&str, &str); 18] = [
    (COMMON_NAME, "CN"),
    ("2.5.4.4", "sn"),
    ("2.5.4.5", "serialNumber"),
    ("2.5.4.6", "C"),
    ("2.5.4.7", "L"),
    ("2.5.4.8", "ST"),
    ("2.5.4.9", "STREET"),
    ("2.5.4.10", "O"),
    ("2.5.4.11", "OU"),
    ("2.5.4.12", "title"),
    ("2.5.4.15", "businessCategory"),
    ("2.5.4.17", "postalCode"),
    ("2.5.4.42", "givenName"),
    ("2.5.4.46", "dnQualifier"),
    ("2.5.4.97", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.25", "DC"),
    ("0.9.2342.19200300.100.1.1", "UID"),
    ("1.2.840.113549.1.9.1", "emailAddress"),
];

const COMMON_NAME: &str = "2.5.4.3";

/// A name, its first [`Details::NAME`] bytes.
pub(super) fn written(name: &X509Name<'_>) -> Untrusted {
    Untrusted::beginning(bytes(name), Details::NAME)
}

/// A name, or so much of it that it is known to be longer than what is kept.
pub(super) fn bytes(name: &X509Name<'_>) -> Vec<u8> {
    let mut text = Vec::new();
    let parts: Vec<_> = name.iter().collect();
    for (index, part) in parts.into_iter().rev().enumerate() {
        if index > 0 {
            text.push(b',');
        }
        for (index, attribute) in part.iter().enumerate() {
            if index > 0 {
                text.push(b'+');
            }
            attribute_value(
                &mut text,
                &dotted(attribute.attr_type()),
                attribute.attr_value(),
            );
        }
        if text.len() > Details::NAME {
            break;
        }
    }
    text
}

/// The last common name, which is the most telling (RFC 9525, section 1.2 says why nothing is proven by it).
pub(super) fn common_name(name: &X509Name<'_>) -> Option<Untrusted> {
    let common = name.iter_common_name().last()?;
    let value = common.attr_value();
    let text = text(value).unwrap_or_else(|| value.data.to_vec());
    Some(Untrusted::beginning(&text, Details::NAME))
}

fn attribute_value(out: &mut Vec<u8>, id: &str, value: &Any<'_>) {
    let short = SHORT.iter().find(|(known, _)| *known == id);
    out.extend(short.map_or(id, |(_, short)| short).bytes());
    out.push(b'=');
    match text(value) {
        Some(text) => escaped(out, &text),
        None => hexadecimal(out, value),
    }
}

/// A string of any of ASN.1's kinds, in UTF-8 where it says what it is, else as it is.
fn text(value: &Any<'_>) -> Option<Vec<u8>> {
    let data = &value.data[..value.data.len().min(4 * Details::NAME)];
    match value.tag() {
        Tag::Utf8String
        | Tag::PrintableString
        | Tag::Ia5String
        | Tag::NumericString
        | Tag::VisibleString => Some(data.to_vec()),
        // Latin-1 in practice, though the standard has something else.
        Tag::T61String => Some(
            data.iter()
                .map(|b| char::from(*b))
                .collect::<String>()
                .into(),
        ),
        Tag::BmpString => Some(wide(data, 2).into()),
        Tag::UniversalString => Some(wide(data, 4).into()),
        _ => None,
    }
}

/// Characters of two or four bytes.
fn wide(data: &[u8], width: usize) -> String {
    let number = |bytes: &[u8]| {
        bytes
            .iter()
            .fold(0, |sum, byte| (sum << 8) | u32::from(*byte))
    };
    let character = |bytes| char::from_u32(number(bytes)).unwrap_or(char::REPLACEMENT_CHARACTER);
    data.chunks(width).map(character).collect()
}

/// RFC 4514, section 2.4.
fn escaped(out: &mut Vec<u8>, text: &[u8]) {
    let last = text.len().saturating_sub(1);
    for (index, &byte) in text.iter().enumerate() {
        match byte {
            0 => out.extend(b"\\00"),
            b'"' | b'+' | b',' | b';' | b'<' | b'>' | b'\\' => out.extend([b'\\', byte]),
            b' ' if index == 0 || index == last => out.extend(b"\\ "),
            b'#' if index == 0 => out.extend(b"\\#"),
            _ => out.push(byte),
        }
    }
}

/// What is no string: `#` and its BER (RFC 4514, section 2.4), here the first bytes of its content behind its tag and length.
fn hexadecimal(out: &mut Vec<u8>, value: &Any<'_>) {
    out.push(b'#');
    let kept = &value.data[..value.data.len().min(Details::NAME)];
    for byte in head(value).iter().chain(kept) {
        out.extend(format!("{byte:02x}").bytes());
    }
}

/// The tag of a value and its length, in DER.
fn head(value: &Any<'_>) -> Vec<u8> {
    value.header.to_der_vec().unwrap_or_default()
}
