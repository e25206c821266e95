//! Picaporte's JSON: the same records as fields of one document, of which the findings may be any number. They are taken one
//! by one as they are read, whatever white space stands between them.

use std::fmt;
use std::io::BufRead;

use serde::Deserialize;
use serde::de::{self, DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::error::Category;

use super::damage::{Damage, Writer};
use super::failure::{self, Failure, Part, Place, ReadError};
use super::ration::{Ration, Rationed};
use super::record::{Record, Records};
use super::{Reading, Wanted};
use crate::limits::Limits;
use crate::snapshot::{Format, Snapshot};

pub(super) fn read(
    input: &mut impl BufRead,
    wanted: Wanted,
    limits: &Limits,
) -> Result<Snapshot, ReadError> {
    let mut records = Records::new(Reading::new(Format::Json, wanted, limits));
    let ration = Ration::new(limits.entry);
    skip_mark(input).map_err(|error| ReadError::unreadable(&error))?;
    let mut json = serde_json::Deserializer::from_reader(Rationed {
        inner: input,
        ration: ration.clone(),
    });
    let (mut refused, mut damaged) = (None, None);
    let document = Document(Taking {
        records: &mut records,
        ration: &ration,
        refused: &mut refused,
        damaged: &mut damaged,
    });
    let read = document.deserialize(&mut json).and_then(|()| {
        ration.renew();
        json.end()
    });
    let Err(error) = read else {
        return records.finish(None, Place::Whole);
    };
    // serde looks ahead to what follows the record.
    let place = damaged.unwrap_or(Place::Line(error.line() as u64));
    match (error.classify(), refused) {
        (_, Some(refused)) => Err(refused),
        (Category::Eof, None) => records.finish(Some(place), place),
        (Category::Io, None) if ration.is_spent() => Err(ReadError::new(
            place,
            Ration::too_long(limits.entry, Part::Finding),
        )),
        (Category::Io, None) => Err(ReadError::new(
            place,
            Failure::Unreadable(failure::json(&error)),
        )),
        _ => Err(ReadError::damaged(
            place,
            Damage::Json(failure::json(&error)),
            Writer::Picaporte,
        )),
    }
}

/// A mark of the order of bytes, which some editors write, is no JSON.
fn skip_mark(input: &mut impl BufRead) -> std::io::Result<()> {
    let mark = "\u{feff}".as_bytes();
    if input.fill_buf()?.starts_with(mark) {
        input.consume(mark.len());
    }
    Ok(())
}

/// Where records go as they are read.
struct Taking<'a> {
    records: &'a mut Records,
    ration: &'a Ration,
    /// Why a record was refused that was sound JSON.
    refused: &'a mut Option<ReadError>,
    /// Where a record was no sound JSON, or had fields that it may not have.
    damaged: &'a mut Option<Place>,
}

impl Taking<'_> {
    fn take<E: de::Error>(&mut self, record: Record) -> Result<(), E> {
        self.ration.renew();
        let place = Place::Line(self.ration.line());
        self.records.take(record, place).map_err(|error| {
            *self.refused = Some(error);
            E::custom("refused")
        })
    }
}

struct Document<'a>(Taking<'a>);

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Document<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object with scan, findings and end")
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut map: A) -> Result<(), A::Error> {
        while let Some(key) = map.next_key::<String>()? {
            match &*key {
                "scan" | "end" => {
                    let record = map.next_value()?;
                    self.0.take(record)?;
                }
                "findings" => map.next_value_seed(Findings(&mut self.0))?,
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    self.0.ration.renew();
                }
            }
        }
        Ok(())
    }
}

struct Findings<'a, 'b>(&'a mut Taking<'b>);

impl<'de> DeserializeSeed<'de> for Findings<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Findings<'_, '_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of findings")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut findings: A) -> Result<(), A::Error> {
        while findings.next_element_seed(Finding(self.0))?.is_some() {}
        Ok(())
    }
}

struct Finding<'a, 'b>(&'a mut Taking<'b>);

impl<'de> DeserializeSeed<'de> for Finding<'_, '_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let record = Record::deserialize(deserializer);
        if record.is_err() {
            *self.0.damaged = Some(Place::Line(self.0.ration.line()));
        }
        self.0.take(record?)
    }
}
