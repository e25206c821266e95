//! From the bytes of a policy to a [`Policy`], or to the line and word to mend.

use picaporte_core::target::Lookup;
use picaporte_toml::{At, Checked, Dates, Lines, Mistake, Text, Wrong, mistake, of_toml, words};
use toml::Spanned;

mod entries;
mod exceptions;
mod raw;
mod rules;
mod services;
mod together;

use crate::policy::{Filtered, Otherwise, Place, Policy};
use crate::{MOST_BYTES, MOST_RULES, MOST_WARNINGS};
use entries::Entries;

pub(crate) fn parse(bytes: &[u8], lookup: &dyn Lookup) -> Result<Policy, Wrong> {
    let text = picaporte_toml::text(bytes, MOST_BYTES, &prefixes())?;
    let mut warnings = Vec::new();
    let policy = checked(text, lookup, &mut warnings).map_err(|at| at.in_text(text))?;
    Ok(Policy {
        warnings: few(warnings, text),
        ..policy
    })
}

fn prefixes() -> Text {
    mistake!(
        "write networks as prefixes",
        "escriba las redes como prefijos"
    )
}

/// In the order of the file, and no more than anybody would read.
fn few(mut warnings: Vec<At>, text: &str) -> Vec<Wrong> {
    warnings.sort_by_key(|at| at.span.start);
    let more = warnings.len().saturating_sub(MOST_WARNINGS);
    warnings.truncate(MOST_WARNINGS);
    let mut few: Vec<_> = warnings.into_iter().map(|at| at.in_text(text)).collect();
    if more > 0 {
        few.push(Wrong {
            line: 0,
            column: 0,
            what: mistake!(
                "{more} more warnings like these; mend those first",
                "{more} avisos más como estos; corrija antes esos",
                more = more
            )
            .into(),
        });
    }
    few
}

/// What all parts of the reading need.
struct Reading<'a> {
    lines: Lines<'a>,
    lookup: &'a dyn Lookup,
    warnings: &'a mut Vec<At>,
}

impl Reading<'_> {
    fn place<T>(&self, place: &Spanned<T>) -> Place {
        let (line, column) = self.lines.at(place.span().start);
        Place { line, column }
    }

    fn warn<T>(&mut self, place: &Spanned<T>, what: impl Into<Mistake>) {
        self.warnings.push(At::place(place, what));
    }
}

fn checked(text: &str, lookup: &dyn Lookup, warnings: &mut Vec<At>) -> Checked<Policy> {
    if text.trim().is_empty() {
        return Err(At::whole(mistake!(
            "the file is empty; write otherwise = \"must_not\" and rules, or begin with what 'picaporte check --init SCAN' writes",
            "el fichero está vacío; escriba otherwise = \"must_not\" y reglas, o empiece con lo que escribe 'picaporte check --init SCAN'"
        )));
    }
    let raw: raw::Policy =
        toml::from_str(text).map_err(|error| of_toml(&error, text, Dates::Days))?;
    let mut reading = Reading {
        lines: Lines::new(text),
        lookup,
        warnings,
    };
    let (otherwise, otherwise_place) = otherwise(raw.otherwise.as_ref(), &reading)?;
    few_enough(&mistake!("rules", "reglas"), &raw.rule)?;
    few_enough(&mistake!("exceptions", "excepciones"), &raw.exception)?;
    let mut entries = Entries::new(&raw.groups, &mut reading)?;
    let rules = rules::read(&raw.rule, &mut entries, &mut reading)?;
    let exceptions = exceptions::read(&raw.exception, &rules, &mut entries, &mut reading)?;
    entries.unused(&mut reading);
    let policy = Policy {
        title: optional("title", raw.title.as_ref())?,
        owner: optional("owner", raw.owner.as_ref())?,
        otherwise,
        otherwise_place,
        filtered: filtered(raw.must_not_filtered.as_ref())?,
        rules,
        exceptions,
        warnings: Vec::new(),
        zones: entries.zones(),
    };
    together::contradictions(&raw, &policy)?;
    together::pointless(&raw, &policy, &mut reading);
    Ok(policy)
}

/// A default that is not written would be a rule that nobody reads.
fn otherwise(
    written: Option<&Spanned<String>>,
    reading: &Reading<'_>,
) -> Checked<(Otherwise, Place)> {
    let Some(place) = written else {
        return Err(At::whole(mistake!(
            "'otherwise' is missing; write otherwise = \"must_not\" if nothing may be open of which no rule speaks, or \"may\", above the first [table]",
            "falta 'otherwise'; escriba otherwise = \"must_not\" si nada de lo que ninguna regla menciona puede estar abierto, o \"may\", encima de la primera [tabla]"
        )));
    };
    let otherwise = match place.get_ref().as_str() {
        "may" => Otherwise::May,
        "must_not" => Otherwise::MustNot,
        other => {
            let what = mistake!(
                "'{other}' is no default; write otherwise = \"must_not\" or \"may\"",
                "'{other}' no es un valor por defecto; escriba otherwise = \"must_not\" o \"may\"",
                other = other
            );
            return Err(At::place(place, what));
        }
    };
    Ok((otherwise, reading.place(place)))
}

fn filtered(written: Option<&Spanned<String>>) -> Checked<Filtered> {
    let Some(place) = written else {
        return Ok(Filtered::default());
    };
    let all = [Filtered::Holds, Filtered::CannotTell];
    let found = all.into_iter().find(|f| f.name() == place.get_ref());
    found.ok_or_else(|| {
        let what = mistake!(
            "'{written}' is no answer to a filtered port; write must_not_filtered = \"holds\" or \"cannot_tell\"",
            "'{written}' no es una respuesta a un puerto filtrado; escriba must_not_filtered = \"holds\" o \"cannot_tell\"",
            written = place.get_ref()
        );
        At::place(place, what)
    })
}

fn few_enough<T>(what: &Text, list: &[Spanned<T>]) -> Checked<()> {
    let too_many = || {
        mistake!(
            what => "more than {most} {what} from here on; write a policy for each part",
            "desde aquí, más de {most} {what}; escriba una política para cada parte",
            most = MOST_RULES
        )
    };
    match list.get(MOST_RULES) {
        Some(place) => Err(At::place(place, too_many())),
        None => Ok(()),
    }
}

/// What may be there: a text for people.
fn optional(key: &str, text: Option<&Spanned<String>>) -> Checked<Option<String>> {
    let mend = mistake!(
        "write a text, or leave it out",
        "escriba un texto, o quítelo"
    );
    not_empty(key, text, &mend)?;
    words(key, text)
}

fn not_empty(key: &str, text: Option<&Spanned<String>>, mend: &Text) -> Checked<()> {
    match text.filter(|text| text.get_ref().trim().is_empty()) {
        Some(text) => {
            let what = mistake!(
                mend => "'{key}' is empty; {mend}",
                "'{key}' está vacío; {mend}",
                key = key
            );
            Err(At::place(text, what))
        }
        None => Ok(()),
    }
}

/// What has to be there: a text for people.
fn needed(
    of: &Text,
    key: &str,
    place: &Spanned<impl Sized>,
    text: Option<&Spanned<String>>,
    like: &Text,
) -> Checked<String> {
    let mend = mistake!(
        like => "write {key} = \"{like}\"",
        "escriba {key} = \"{like}\"",
        key = key
    );
    not_empty(key, text, &mend)?;
    let missing = || {
        mistake!(
            of, mend => "{of} has no '{key}'; {mend}",
            "{of} no tiene '{key}'; {mend}",
            key = key
        )
    };
    words(key, text)?.ok_or_else(|| At::place(place, missing()))
}
