//! nmap's XML (`-oX`), of which masscan writes a part too: elements one by one, with the place where each stands. Nothing is
//! expanded that a document declares, and what is not about TCP ports and hosts is passed over. Of what Picaporte writes in this
//! format, its own script elements say which ports were not tested, and what listens.

mod heard;
mod host;
mod run;
mod words;

use std::io::BufRead;

use quick_xml::errors::IllFormedError;
use quick_xml::events::{BytesStart, Event};
use quick_xml::{Error, Reader, XmlVersion};

use self::run::Document;
use super::damage::{Damage, Writer};
use super::failure::{Failure, Part, Place, ReadError, shown};
use super::ration::{Ration, Rationed};
use super::{Reading, Wanted};
use crate::limits::Limits;
use crate::snapshot::{Format, Snapshot};

pub(super) fn read(
    input: &mut impl BufRead,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Snapshot, ReadError> {
    let ration = Ration::new(limits.entry);
    let mut xml = Reader::from_reader(Rationed {
        inner: input,
        ration: ration.clone(),
    });
    let mut document = Document::new(Reading::new(Format::Nmap, wanted, limits), limits.depth);
    let mut buffer = Vec::new();
    loop {
        buffer.clear();
        ration.renew();
        let place = Place::Byte(xml.buffer_position());
        let event = match xml.read_event_into(&mut buffer) {
            Ok(Event::Eof) => break,
            Ok(event) => event,
            Err(error) => {
                broken(&error, place, xml.get_mut(), limits)?;
                return document.finish(Some(place));
            }
        };
        let done = match &event {
            Event::Start(tag) => document.open(tag),
            Event::Empty(tag) => document.open(tag).and_then(|()| document.close()),
            Event::End(_) => document.close(),
            Event::Text(text) => document.text(text),
            _ => Ok(()),
        };
        done.map_err(|what| ReadError::new(place, what))?;
    }
    let end = Place::Byte(xml.buffer_position());
    let cut = document.is_open().then_some(end);
    document.finish(cut)
}

/// A document that merely ends is cut, not broken.
fn broken(
    error: &Error,
    place: Place,
    input: &mut Rationed<impl BufRead>,
    limits: &Limits,
) -> Result<(), ReadError> {
    let at_end = input.inner.fill_buf().is_ok_and(<[u8]>::is_empty);
    match error {
        Error::Syntax(_) | Error::IllFormed(IllFormedError::UnclosedReference) if at_end => Ok(()),
        Error::Io(_) if input.ration.is_spent() => Err(ReadError::new(
            place,
            Ration::too_long(limits.entry, Part::Element),
        )),
        Error::Io(error) => Err(ReadError::unreadable(error)),
        _ => Err(ReadError::damaged(
            place,
            Damage::Xml(shown(&error.to_string())),
            Writer::Nmap,
        )),
    }
}

/// The value of an attribute, its character references read.
fn value(tag: &BytesStart<'_>, key: &str) -> Result<Option<String>, Failure> {
    let wrong = |error: &dyn std::fmt::Display| {
        damaged(Damage::Attribute {
            tag: shown(tag.name().as_ref()),
            said: shown(&error.to_string()),
        })
    };
    let Some(found) = tag.try_get_attribute(key).map_err(|error| wrong(&error))? else {
        return Ok(None);
    };
    let value = found.normalized_value(XmlVersion::default());
    value
        .map(|value| Some(value.into_owned()))
        .map_err(|error| wrong(&error))
}

fn needed(tag: &BytesStart<'_>, key: &str) -> Result<String, Failure> {
    value(tag, key)?.ok_or_else(|| {
        damaged(Damage::Lacks {
            tag: shown(tag.name().as_ref()),
            key: key.to_owned(),
        })
    })
}

fn damaged(what: Damage) -> Failure {
    Failure::Damaged(what, Writer::Nmap)
}
