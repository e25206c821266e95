//! Examples are held against the rules by a test; here only whether they are well written, so that none is passed over.

use picaporte_toml::Checked;

use super::at;
use toml::Spanned;

use super::super::{MOST_ANSWER, raw};
use super::fields::{bytes, service};
use crate::service::Version;

pub(super) fn example(raw: &raw::Example) -> Checked<()> {
    answer(&raw.bytes)?;
    service(&raw.service)?;
    if let Some(version) = raw
        .version
        .as_ref()
        .filter(|text| Version::new(text.get_ref().as_bytes()).is_none())
    {
        return Err(at(
            version,
            format!(
                "'{}' is no version that a service may have",
                version.get_ref()
            ),
        ));
    }
    for text in [&raw.product, &raw.extra, &raw.hostname]
        .into_iter()
        .flatten()
        .chain(&raw.cpe)
    {
        if text.get_ref().is_empty() {
            return Err(at(
                text,
                "this is empty; leave it out where the service does not say it",
            ));
        }
    }
    Ok(())
}

/// The bytes of an answer.
pub(super) fn answer(text: &Spanned<String>) -> Checked<()> {
    if bytes("bytes", text, MOST_ANSWER)?.is_empty() {
        return Err(at(text, "'bytes' is empty; nothing is no answer"));
    }
    Ok(())
}
