//! The exceptions of a policy: who decided what, and until when.

use std::collections::BTreeMap;

use jiff::civil::Date;
use picaporte_toml::{At, Checked, Text, mistake};
use toml::Spanned;
use toml::value::Datetime;

use super::entries::Entries;
use super::rules::{OTHERWISE, ports, unique};
use super::{Reading, needed, raw};
use crate::answers::Which;
use crate::policy::{Exception, Rule};

pub(super) fn read(
    raw: &[Spanned<raw::Exception>],
    rules: &[Rule],
    entries: &mut Entries<'_>,
    reading: &mut Reading<'_>,
) -> Checked<Vec<Exception>> {
    let mut names = BTreeMap::new();
    let exceptions = raw.iter().map(|place| {
        let exception = exception(place, rules, entries, reading)?;
        let name = place.get_ref().name.as_ref();
        unique(
            &mistake!("exception", "excepción"),
            &exception.name,
            name,
            exception.place,
            &mut names,
        )?;
        Ok(exception)
    });
    exceptions.collect()
}

fn exception(
    place: &Spanned<raw::Exception>,
    rules: &[Rule],
    entries: &mut Entries<'_>,
    reading: &mut Reading<'_>,
) -> Checked<Exception> {
    let raw = place.get_ref();
    let name = needed(
        &mistake!("this exception", "esta excepción"),
        "name",
        place,
        raw.name.as_ref(),
        &mistake!("old printer", "impresora vieja"),
    )?;
    let of = mistake!(
        "the exception '{name}'",
        "la excepción '{name}'",
        name = name
    );
    let missing = |key: &str, like: &str| {
        let what = mistake!(
            of => "{of} has no '{key}'; write {key} = {like}",
            "{of} no tiene '{key}'; escriba {key} = {like}",
            key = key,
            like = like
        );
        At::place(place, what)
    };
    let list = raw
        .hosts
        .as_ref()
        .ok_or_else(|| missing("hosts", "[\"192.0.2.7\"]"))?;
    let written = raw
        .ports
        .as_ref()
        .ok_or_else(|| missing("ports", "\"9100\""))?;
    let until = raw.until.as_ref().ok_or_else(|| {
        let what = mistake!(
            of => "{of} has no end; write until = 2026-12-31, the last day on which it counts",
            "{of} no tiene fin; escriba until = 2026-12-31, el último día en que cuenta"
        );
        At::place(place, what)
    })?;
    Ok(Exception {
        reason: needed(&of, "reason", place, raw.reason.as_ref(), &why_made())?,
        by: needed(&of, "by", place, raw.by.as_ref(), &who_decided())?,
        until: day(until)?,
        hosts: entries.hosts(&of, list, &raw.without, reading)?,
        ports: ports(written, reading)?,
        of: raw
            .rule
            .as_ref()
            .map(|rule| which(rule, rules))
            .transpose()?,
        place: reading.place(place),
        name,
    })
}

fn why_made() -> Text {
    mistake!("why it was made", "por qué se hizo")
}

fn who_decided() -> Text {
    mistake!("who decided it", "quién la decidió")
}

/// A day of the calendar; which moment it ends at must not depend on who reads it.
fn day(place: &Spanned<Datetime>) -> Checked<Date> {
    let written = place.get_ref();
    let (Some(date), None) = (written.date, written.time) else {
        let what = mistake!(
            "'{written}' is no day; write the date alone, like 2026-12-31: the last day, in UTC",
            "'{written}' no es un día; escriba solo la fecha, como 2026-12-31: el último día, en UTC",
            written = written
        );
        return Err(At::place(place, what));
    };
    let day = written.to_string().parse();
    day.map_err(|_| {
        let what = mistake!(
            "'{date}' is no day of the calendar",
            "'{date}' no es un día del calendario",
            date = date
        );
        At::place(place, what)
    })
}

fn which(place: &Spanned<String>, rules: &[Rule]) -> Checked<Which> {
    let name = place.get_ref().trim();
    if name == OTHERWISE {
        return Ok(Which::Otherwise);
    }
    let at = rules.iter().position(|rule| rule.name == name);
    at.map(Which::Rule).ok_or_else(|| {
        let what = mistake!(
            "there is no rule '{name}' to be an exception to; write the name of one, or leave 'rule' out for all",
            "no hay ninguna regla '{name}' de la que ser excepción; escriba el nombre de una, o quite 'rule' para todas",
            name = name
        );
        At::place(place, what)
    })
}
