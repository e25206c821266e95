//! What became of exceptions.

use jiff::civil::Date;
use picaporte_check::{Excepted, Exception};

use super::Manner;
use crate::report::Lang;
use crate::words::nouns::{DAY, PORT};

/// `2 excepted`.
pub(in crate::report::checked) fn excepted(lang: Lang, n: u64) -> String {
    let word = lang.agree(n, ["excepted"; 2], ["exceptuado", "exceptuados"]);
    format!("{} {word}", lang.number(n))
}

/// `2 ports violated, 1 port that can't be told`.
fn amount(lang: Lang, excepted: &Excepted) -> String {
    let parts = [
        (
            excepted.violated,
            ["violated"; 2],
            ["incumple", "incumplen"],
        ),
        (
            excepted.cannot_tell,
            ["that can't be told"; 2],
            ["del que no consta", "de los que no consta"],
        ),
    ];
    let parts = parts.into_iter().filter(|(ports, ..)| *ports > 0);
    let parts =
        parts.map(|(n, en, es)| format!("{} {}", lang.count(n, PORT), lang.agree(n, en, es)));
    parts.collect::<Vec<_>>().join(", ")
}

/// What became of an exception.
pub(in crate::report::checked) fn exception(
    manner: Manner,
    exception: &Exception,
    excepted: &Excepted,
    today: Date,
) -> String {
    let lang = manner.lang;
    say!(
        lang,
        "{until}, by {by}: {became}",
        "{until}, por {by}: {became}",
        until = until(lang, exception, excepted, today),
        by = manner.seen(&exception.by),
        became = became(lang, excepted)
    )
}

fn became(lang: Lang, excepted: &Excepted) -> String {
    let counts_no_more = lang.either("it counts no more", "ya no cuenta");
    match (excepted.expired, excepted.ports()) {
        (expired, 0) if excepted.hosts_missing => {
            let says = lang.either(
                "whether it is needed can't be told: not all of its hosts are in the scan",
                "no se puede saber si hace falta: no todos sus equipos están en el escaneo",
            );
            if expired {
                format!("{counts_no_more}; {says}")
            } else {
                says.to_owned()
            }
        }
        (false, 0) => lang
            .either(
                "it is not needed: all that it is about holds",
                "no hace falta: todo lo que abarca se cumple",
            )
            .to_owned(),
        (true, 0) => lang
            .either(
                "it counts no more, and is not needed: all that it is about holds",
                "ya no cuenta, y no hace falta: todo lo que abarca se cumple",
            )
            .to_owned(),
        (false, _) => say!(
            lang,
            "not held against it: {amount}",
            "no se tiene en cuenta: {amount}",
            amount = amount(lang, excepted)
        ),
        (true, _) => format!("{counts_no_more}: {}", amount(lang, excepted)),
    }
}

fn until(lang: Lang, exception: &Exception, excepted: &Excepted, today: Date) -> String {
    let end = exception.until;
    match end.since(today).map(|span| span.get_days()) {
        _ if excepted.expired => say!(lang, "ended on {end}", "terminó el {end}", end = end),
        Ok(0) => say!(lang, "until {end}, today", "hasta el {end}, hoy", end = end),
        Ok(days) => say!(
            lang,
            "until {end} ({left})",
            "hasta el {end} ({left})",
            end = end,
            left = left(lang, days.unsigned_abs().into())
        ),
        Err(_) => say!(lang, "until {end}", "hasta el {end}", end = end),
    }
}

fn left(lang: Lang, days: u64) -> String {
    say!(
        lang,
        "{days} {left}",
        "{left} {days}",
        days = lang.count(days, DAY),
        left = lang.agree(days, ["left"; 2], ["queda", "quedan"])
    )
}
