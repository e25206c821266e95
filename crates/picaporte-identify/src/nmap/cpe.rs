//! `cpe:/a:vendor:product:version/`: a URI of CPE 2.2 with what a pattern's groups took, made a name of CPE 2.3 (NIST IR 7695, section 6.1).

use super::pattern::Groups;
use super::template::{self, Piece};
use crate::service::{Cpe, Version};

/// Part, vendor, product and version; what stands behind them (update, edition, language) is left out.
const PARTS: usize = 4;

/// The name, if its part, vendor and product are well-formed, and the version in it; that is left out unless it is one.
pub(super) fn of(template: &[u8], groups: &Groups<'_>) -> Option<(Cpe, Option<Version>)> {
    let parts = parts(template, groups)?;
    let [part, vendor, product, version] = parts
        .each_ref()
        .map(|bytes| std::str::from_utf8(bytes).ok());
    let mut letters = part?.chars();
    let (part, None) = (letters.next()?, letters.next()) else {
        return None;
    };
    let version = version.and_then(|version| Version::new(version.as_bytes()));
    let cpe = Cpe::new(part, vendor?, product?, version.as_ref())?;
    Some((cpe, version))
}

/// Colons of the template part, those of an answer do not.
fn parts(template: &[u8], groups: &Groups<'_>) -> Option<[Vec<u8>; PARTS]> {
    let mut parts: [Vec<u8>; PARTS] = Default::default();
    let mut n = 0;
    for piece in template::pieces(template).ok()? {
        let Piece::Text(text) = piece else {
            let mut taken = Vec::new();
            template::fill(piece, groups, &mut taken)?;
            parts[n].extend(taken.into_iter().map(of_answer));
            continue;
        };
        for (colons, text) in text.split(|&byte| byte == b':').enumerate() {
            n += usize::from(colons > 0);
            if n == PARTS {
                return Some(parts);
            }
            decoded(text, &mut parts[n]);
        }
    }
    Some(parts)
}

/// As names are written: in lower case, an underscore for a space.
fn of_answer(byte: u8) -> u8 {
    if byte.is_ascii_whitespace() {
        b'_'
    } else {
        byte.to_ascii_lowercase()
    }
}

/// Percent-encoding undone (RFC 3986, section 2.1).
fn decoded(mut text: &[u8], out: &mut Vec<u8>) {
    let digit = |byte: u8| char::from(byte).to_digit(16);
    while let Some((&first, rest)) = text.split_first() {
        let encoded = match text {
            [b'%', high, low, ..] => digit(*high).zip(digit(*low)),
            _ => None,
        };
        if let Some((high, low)) = encoded {
            out.push((high * 16 + low) as u8);
            text = &text[3..];
        } else {
            out.push(first);
            text = rest;
        }
    }
}
