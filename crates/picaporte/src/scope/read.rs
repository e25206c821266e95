//! From the bytes of a scope file to a [`ScopeFile`], or to the line and word to mend.

use std::fmt::Write as _;

use picaporte_core::target::Lookup;
use picaporte_toml::{At, Checked, Dates, Text, Wrong, mistake, of_toml, words};
use sha2::{Digest as _, Sha256};

use super::{MOST_BYTES, ScopeFile, check, entries, raw};

pub(super) fn parse(bytes: &[u8], lookup: &dyn Lookup) -> Result<ScopeFile, Wrong> {
    let text = picaporte_toml::text(bytes, MOST_BYTES, &prefixes())?;
    let mut warnings = Vec::new();
    let file = checked(text, lookup, &mut warnings).map_err(|at| at.in_text(text))?;
    warnings.sort_by_key(|at| at.span.start);
    Ok(ScopeFile {
        sha256: sha256(bytes),
        warnings: warnings.into_iter().map(|at| at.in_text(text)).collect(),
        ..file
    })
}

fn prefixes() -> Text {
    mistake!(
        "write networks as prefixes",
        "escriba las redes como prefijos"
    )
}

fn checked(text: &str, lookup: &dyn Lookup, warnings: &mut Vec<At>) -> Checked<ScopeFile> {
    if text.trim().is_empty() {
        return Err(At::whole(mistake!(
            "the file is empty, and an empty scope allows nothing; write [allowed] with networks or names",
            "el fichero está vacío, y un alcance vacío no permite nada; escriba [allowed] con networks o names"
        )));
    }
    let raw: raw::Scope =
        toml::from_str(text).map_err(|error| of_toml(&error, text, Dates::Moments))?;
    let (valid_from, valid_until) = check::period(&raw)?;
    let (allowed, excluded) = entries::lists(&raw, lookup, warnings)?;
    Ok(ScopeFile {
        sha256: String::new(),
        authorised_by: words("authorised_by", raw.authorised_by.as_ref())?,
        contact: words("contact", raw.contact.as_ref())?,
        valid_from,
        valid_until,
        allowed,
        excluded,
        limits: check::limits(&raw.limits, warnings)?,
        warnings: Vec::new(),
    })
}

/// The digest of a file that reports name, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    let mut digits = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        // Writing to a String cannot fail.
        let _ = write!(digits, "{byte:02x}");
    }
    digits
}
