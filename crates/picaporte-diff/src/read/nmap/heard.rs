//! What Picaporte's own script of a port says of what listens there: TLS, for which nmap's `service` has no word, and that a port
//! was asked and not recognized. It has the fields of JSON Lines, tables for objects and lists.

use quick_xml::events::BytesStart;

use super::super::failure::Failure;
use super::super::record::{Certificate, Listening, Spoken};
use super::value;
use crate::service::Service;

/// The most versions of TLS that are read of one list; there are five.
const VERSIONS: usize = 8;

/// A field that counts. Those of other names are passed over, with all that is in them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Key {
    At,
    Service,
    Name,
    Tls,
    Versions,
    Refused,
    Certificates,
    Sha256,
    Expired,
    NotYet,
    NotBefore,
    NotAfter,
    /// Of a list.
    Item,
    Other,
}

impl Key {
    fn of(tag: &BytesStart<'_>) -> Result<Self, Failure> {
        Ok(match value(tag, "key")?.as_deref() {
            Some("at") => Self::At,
            Some("service") => Self::Service,
            Some("name") => Self::Name,
            Some("tls") => Self::Tls,
            Some("versions") => Self::Versions,
            Some("refused") => Self::Refused,
            Some("certificates") => Self::Certificates,
            Some("sha256") => Self::Sha256,
            Some("expired") => Self::Expired,
            Some("not_yet_valid") => Self::NotYet,
            Some("not_before") => Self::NotBefore,
            Some("not_after") => Self::NotAfter,
            Some(_) => Self::Other,
            None => Self::Item,
        })
    }
}

/// What was heard of one port so far.
#[derive(Default)]
pub(super) struct Heard {
    /// The fields that are open, the outermost first; no deeper than the document may be.
    path: Vec<Key>,
    at: Option<String>,
    /// Once its table was met.
    service: Option<Listening>,
}

impl Heard {
    /// A field begins.
    pub(super) fn open(&mut self, tag: &BytesStart<'_>) -> Result<(), Failure> {
        self.path.push(Key::of(tag)?);
        match self.path[..] {
            [Key::Service] => {
                self.service.get_or_insert_default();
            }
            [Key::Service, Key::Tls] => {
                self.tls();
            }
            // Of a chain only the port's own certificate counts, which is the first; that there is a second one ends it.
            [Key::Service, Key::Tls, Key::Certificates, Key::Item] => {
                let certificates = &mut self.tls().certificates;
                if certificates.len() < 2 {
                    certificates.push(Certificate::default());
                }
            }
            _ => {}
        }
        Ok(())
    }

    pub(super) fn close(&mut self) {
        self.path.pop();
    }

    /// What stands in the innermost field. None of those that count has a reference in it.
    pub(super) fn text(&mut self, text: &str) {
        let path = std::mem::take(&mut self.path);
        match path[..] {
            [Key::At] => self.at = Some(text.to_owned()),
            [Key::Service, Key::Name] => {
                self.service.get_or_insert_default().name = Some(text.to_owned());
            }
            [Key::Service, Key::Tls, Key::Versions, Key::Item] => {
                add(&mut self.tls().versions, text);
            }
            [Key::Service, Key::Tls, Key::Refused, Key::Item] => add(&mut self.tls().refused, text),
            [Key::Service, Key::Tls, Key::Certificates, Key::Item, key] => {
                if let [own] = &mut self.tls().certificates[..] {
                    certificate(own, key, text);
                }
            }
            _ => {}
        }
        self.path = path;
    }

    fn tls(&mut self) -> &mut Spoken {
        let service = self.service.get_or_insert_default();
        service.tls.get_or_insert_default()
    }

    /// What listens, if the port was asked.
    pub(super) fn service(self) -> Option<Service> {
        let mut service = self.service?;
        if let Some(tls) = &mut service.tls {
            tls.certificates.retain(|own| !own.sha256.is_empty());
        }
        let at = self.at.and_then(|at| at.parse().ok());
        Some(service.told(at))
    }
}

fn add(list: &mut Vec<String>, text: &str) {
    if list.len() < VERSIONS {
        list.push(text.to_owned());
    }
}

fn certificate(own: &mut Certificate, key: Key, text: &str) {
    match key {
        Key::Sha256 => text.clone_into(&mut own.sha256),
        Key::Expired => own.expired = text.parse().ok(),
        Key::NotYet => own.not_yet_valid = text.parse().ok(),
        Key::NotBefore => own.not_before = Some(text.to_owned()),
        Key::NotAfter => own.not_after = Some(text.to_owned()),
        _ => {}
    }
}
