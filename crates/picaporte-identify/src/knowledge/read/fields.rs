//! One value of a file: read, or what stands there and what to write.

use picaporte_core::PortSet;
use picaporte_toml::Checked;

use super::at;
use toml::Spanned;

use super::super::pattern::Pattern;
use super::super::rule::{Platform, StartTls};
use super::super::text::Text;
use super::super::{MOST_PATTERN, MOST_SEND, raw, unescaped};
use crate::service::Name;

pub(super) fn not_empty(key: &str, text: &Spanned<String>) -> Checked<()> {
    if text.get_ref().trim().is_empty() {
        return Err(at(text, format!("'{key}' is empty; write a sentence")));
    }
    Ok(())
}

pub(super) fn service(name: &Spanned<String>) -> Checked<Name> {
    Name::new(name.get_ref()).ok_or_else(|| {
        let what = format!(
            "'{}' is no name of a service; write 1 to 32 of a-z, 0-9 and -._+/",
            name.get_ref()
        );
        at(name, what)
    })
}

pub(super) fn ports(text: Option<&Spanned<String>>) -> Checked<PortSet> {
    text.map_or(Ok(PortSet::empty()), |text| {
        PortSet::parse(text.get_ref(), &|_| None).map_err(|error| at(text, error.to_string()))
    })
}

/// The ports that are written, or else these.
pub(super) fn own_or(text: Option<&Spanned<String>>, these: &PortSet) -> Checked<PortSet> {
    text.map_or(Ok(these.clone()), |text| ports(Some(text)))
}

pub(super) fn bytes(key: &str, text: &Spanned<String>, most: usize) -> Checked<Vec<u8>> {
    let bytes = unescaped(text.get_ref()).map_err(|what| at(text, what))?;
    if bytes.len() > most {
        return Err(at(
            text,
            format!("'{key}' has {} bytes; {most} are the most", bytes.len()),
        ));
    }
    Ok(bytes)
}

pub(super) fn pattern(text: &Spanned<String>) -> Checked<Pattern> {
    match text.get_ref().len() {
        0 => Err(at(text, "an empty pattern would match everything")),
        n if n > MOST_PATTERN => Err(at(
            text,
            format!("a pattern of {n} bytes; {MOST_PATTERN} are the most"),
        )),
        _ => Ok(Pattern::new(text.get_ref())),
    }
}

pub(super) fn text(text: Option<&Spanned<String>>) -> Checked<Option<Text>> {
    let read = |text: &Spanned<String>| Text::read(text.get_ref()).map_err(|what| at(text, what));
    text.map(read).transpose()
}

pub(super) fn platform(text: &Spanned<String>) -> Checked<Platform> {
    Platform::read(text.get_ref()).ok_or_else(|| {
        let what = format!(
            "'{}' is no platform; write part:vendor:product, like a:openbsd:openssh",
            text.get_ref()
        );
        at(text, what)
    })
}

pub(super) fn starttls(raw: &raw::Rule) -> Checked<Option<StartTls>> {
    let Some(send) = &raw.starttls else {
        return match &raw.starttls_ok {
            Some(ok) => Err(at(
                ok,
                "'starttls_ok' without 'starttls'; write what is sent, or '' for nothing",
            )),
            None => Ok(None),
        };
    };
    Ok(Some(StartTls {
        send: bytes("starttls", send, MOST_SEND)?.into(),
        ok: raw.starttls_ok.as_ref().map(pattern).transpose()?,
    }))
}
