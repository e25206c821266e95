//! What listens on a port, and what addresses are called, as bytes for the store and back. What comes back is checked as strictly as what
//! comes from a network: a file can be damaged, and its texts go to every report.

use std::sync::Arc;

use picaporte_encode::Untrusted;
use picaporte_identify::service::{self, Cpe, Name, Version};
use serde::{Deserialize, Serialize};

use super::KeptError;

mod tls;

#[cfg(test)]
mod tests;

/// The layout of what is written here; the first byte.
const VERSION: u8 = 1;
/// The most of one service; a rule gives three.
const MOST_CPES: usize = 16;
/// The longest of our own words: an object identifier of 64 bytes, in digits.
const LONGEST_WORD: usize = 300;

/// Bytes that are not what was written; which of them is of use to nobody.
struct Bad;

impl From<Bad> for KeptError {
    fn from(_: Bad) -> Self {
        Self::Notes
    }
}

#[derive(Serialize, Deserialize)]
struct Service {
    name: Option<String>,
    inside_tls: bool,
    product: Option<Sent>,
    version: Option<String>,
    extra: Option<Sent>,
    hostname: Option<Sent>,
    cpe: Vec<String>,
    tls: Option<tls::Tls>,
    probe: Option<String>,
    excerpt: Option<Sent>,
    connections: u8,
}

/// [`Untrusted::kept`].
#[derive(Serialize, Deserialize)]
struct Sent(Vec<u8>);

/// What listens on a port, as bytes.
pub(crate) fn to_bytes(service: &service::Service) -> Vec<u8> {
    written(&Service::of(service))
}

/// The service that was written.
///
/// # Errors
/// Bytes of another version, or of nobody.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<service::Service, KeptError> {
    let service: Service = read(bytes)?;
    Ok(service.check()?)
}

/// What an address is called, as bytes.
pub(crate) fn names_to_bytes(names: &[Untrusted]) -> Vec<u8> {
    written(&names.iter().map(Sent::of).collect::<Vec<_>>())
}

/// The names that were written.
///
/// # Errors
/// As [`from_bytes`].
pub(crate) fn names_from_bytes(bytes: &[u8]) -> Result<Vec<Untrusted>, KeptError> {
    let names: Vec<Sent> = read(bytes)?;
    let names: Result<_, _> = names.into_iter().map(Sent::check).collect();
    Ok(names?)
}

fn written(value: &impl Serialize) -> Vec<u8> {
    // Nothing in it can't be written, and a vector takes all.
    postcard::to_extend(value, vec![VERSION]).unwrap_or_default()
}

fn read<'a, T: Deserialize<'a>>(bytes: &'a [u8]) -> Result<T, KeptError> {
    match bytes.split_first() {
        Some((&VERSION, bytes)) => match postcard::take_from_bytes(bytes) {
            Ok((value, [])) => Ok(value),
            _ => Err(KeptError::Notes),
        },
        Some(_) => Err(KeptError::OtherNotes),
        None => Err(KeptError::Notes),
    }
}

impl Sent {
    fn of(sent: &Untrusted) -> Self {
        Self(sent.kept())
    }

    fn check(self) -> Result<Untrusted, Bad> {
        Untrusted::from_kept(&self.0).map_err(|_| Bad)
    }
}

/// A word of our own: ASCII, without what acts on a terminal.
fn word(text: String) -> Result<String, Bad> {
    let fits = |byte: u8| byte.is_ascii_graphic() || byte == b' ';
    if (1..=LONGEST_WORD).contains(&text.len()) && text.bytes().all(fits) {
        Ok(text)
    } else {
        Err(Bad)
    }
}

fn checked<T, U>(field: Option<T>, check: impl Fn(T) -> Result<U, Bad>) -> Result<Option<U>, Bad> {
    field.map(check).transpose()
}

impl Service {
    fn of(service: &service::Service) -> Self {
        let service::Service {
            name,
            inside_tls,
            product,
            version,
            extra,
            hostname,
            cpe,
            tls,
            probe,
            excerpt,
            connections,
        } = service;
        let sent = |sent: &Option<Untrusted>| sent.as_ref().map(Sent::of);
        Self {
            name: name.as_ref().map(ToString::to_string),
            inside_tls: *inside_tls,
            product: sent(product),
            version: version.as_ref().map(ToString::to_string),
            extra: sent(extra),
            hostname: sent(hostname),
            cpe: cpe
                .iter()
                .take(MOST_CPES)
                .map(ToString::to_string)
                .collect(),
            tls: tls.as_ref().map(tls::Tls::of),
            probe: probe.as_deref().map(ToOwned::to_owned),
            excerpt: sent(excerpt),
            connections: *connections,
        }
    }

    fn check(self) -> Result<service::Service, Bad> {
        let name = |name: String| Name::new(&name).ok_or(Bad);
        let version = |said: String| Version::new(said.as_bytes()).ok_or(Bad);
        let cpe = |cpe: String| Cpe::read(&cpe).ok_or(Bad);
        if self.cpe.len() > MOST_CPES {
            return Err(Bad);
        }
        let cpes: Result<_, _> = self.cpe.into_iter().map(cpe).collect();
        Ok(service::Service {
            name: checked(self.name, name)?,
            inside_tls: self.inside_tls,
            product: checked(self.product, Sent::check)?,
            version: checked(self.version, version)?,
            extra: checked(self.extra, Sent::check)?,
            hostname: checked(self.hostname, Sent::check)?,
            cpe: cpes?,
            tls: checked(self.tls, tls::Tls::check)?,
            probe: checked(self.probe, word)?.map(Arc::from),
            excerpt: checked(self.excerpt, Sent::check)?,
            connections: self.connections,
        })
    }
}
