//! Kept scans for a person: what can be counted in columns, and beneath it who scanned and how, as far as a line reaches.

use picaporte_store::{Listed, State, UnixMillis, Who};

use super::super::encode;
use super::super::table::text::{columns, drawn};
use super::Style;
use crate::kept::moment;
use crate::report::Lang;

/// The columns: a ULID, a moment to the minute, the longest state.
const NAME: usize = 26;
const MOMENT: usize = 17;
const STATE: usize = 10;
/// What follows is cut off where a line ends.
const CUT: char = '…';

#[derive(Debug)]
pub(super) struct Table {
    lang: Lang,
    width: usize,
    hosts: usize,
    open: usize,
}

impl Table {
    pub(super) fn begin(style: Style, scans: &[Listed], out: &mut Vec<u8>) -> Self {
        let lang = style.lang;
        let heads = heads(lang);
        let widest = |title: &str, of: fn(&Listed) -> u64| {
            let widths = scans.iter().map(|scan| columns(&lang.number(of(scan))));
            widths.max().unwrap_or(0).max(columns(title))
        };
        let table = Self {
            lang,
            width: style.width.into(),
            hosts: widest(heads[3], |scan| scan.hosts),
            open: widest(heads[4], |scan| scan.totals.open),
        };
        if !scans.is_empty() {
            table.line(heads, out);
        }
        table
    }

    pub(super) fn scan(&self, scan: &Listed, out: &mut Vec<u8>) {
        let lang = self.lang;
        let (name, began) = (scan.id.to_string(), minute(scan.started));
        let (hosts, open) = (lang.number(scan.hosts), lang.number(scan.totals.open));
        let (hosts, open) = (drawn(&hosts), drawn(&open));
        self.line([&name, &began, state(lang, scan.state), &hosts, &open], out);
        let what = format!("{}: {}", who(lang, &scan.who), command(&scan.arguments));
        let what = fitted(&what, self.width.saturating_sub(2));
        out.extend(format!("  {what}\n").as_bytes());
    }

    fn line(&self, [name, began, state, hosts, open]: [&str; 5], out: &mut Vec<u8>) {
        let (widest_hosts, widest_open) = (self.hosts, self.open);
        let line = format!(
            "{name:<NAME$}  {began:<MOMENT$}  {state:<STATE$}  {hosts:>widest_hosts$}  {open:>widest_open$}\n"
        );
        out.extend(line.as_bytes());
    }
}

const fn heads(lang: Lang) -> [&'static str; 5] {
    match lang {
        Lang::En => ["SCAN", "BEGAN", "STATE", "HOSTS", "OPEN"],
        Lang::Es => ["ESCANEO", "INICIO", "ESTADO", "EQUIPOS", "ABIERTOS"],
    }
}

const fn state(lang: Lang, state: State) -> &'static str {
    match state {
        State::Running => lang.either("running", "en marcha"),
        State::Interrupted => lang.either("incomplete", "a medias"),
        State::Complete => lang.either("complete", "completo"),
    }
}

/// `2026-01-31T18:00Z`, UTC as everywhere.
fn minute(at: UnixMillis) -> String {
    let Some(moment) = moment(at) else {
        return format!("{} ms", at.0);
    };
    // RFC 3339 without its seconds.
    let text = format!("{moment:.0}");
    format!("{}Z", text.get(..16).unwrap_or(&text))
}

/// `ana on laptop from 192.0.2.1`, as much of it as is known.
fn who(lang: Lang, who: &Who) -> String {
    let mut text = match (who.user.as_str(), who.uid) {
        ("", Some(uid)) => say!(lang, "user {uid}", "usuario {uid}", uid = uid),
        ("", None) => lang.either("somebody", "alguien").to_owned(),
        (user, _) => user.to_owned(),
    };
    if !who.machine.is_empty() {
        let machine = say!(
            lang,
            " on {machine}",
            " en {machine}",
            machine = who.machine
        );
        text.push_str(&machine);
    }
    if let Some(source) = who.source {
        text.push_str(&say!(
            lang,
            " from {source}",
            " desde {source}",
            source = source
        ));
    }
    text
}

/// The arguments as they could be typed: quoted where blanks would make two of one.
fn command(arguments: &[String]) -> String {
    let quoted = arguments.iter().map(|argument| {
        if argument.is_empty() || argument.contains([' ', '\'', '"']) {
            format!("'{}'", argument.replace('\'', "'\\''"))
        } else {
            argument.clone()
        }
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// As much of a text as fits into so many columns, encoded for a terminal.
fn fitted(text: &str, width: usize) -> String {
    // A column takes a character at least, so what comes after so many is cut off anyway; and more may come than is looked at.
    let short: String = text.chars().take(width + 1).collect();
    let seen = encode::terminal(&short);
    if columns(&seen) <= width && short.len() == text.len() {
        return seen.into_owned();
    }
    let mut fitted = String::with_capacity(width);
    for c in seen.chars() {
        fitted.push(c);
        if columns(&fitted) + 1 > width {
            fitted.pop();
            break;
        }
    }
    fitted.push(CUT);
    fitted
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::report::encode::is_unseen;

    proptest! {
        #[test]
        fn a_text_fits_and_nothing_in_it_acts(text in ".{0,60}|[a-z ]{0,60}|[日本\u{301}\u{202e}a]{0,60}", width in 1_usize..50) {
            let fitted = fitted(&text, width);
            prop_assert!(columns(&fitted) <= width, "{fitted:?}");
            prop_assert!(!fitted.contains(is_unseen));
            if text.bytes().all(|b| (b' '..=b'~').contains(&b)) && text.len() <= width {
                prop_assert_eq!(fitted, text);
            }
        }
    }

    #[test]
    fn arguments_are_quoted_where_they_must_be() {
        let arguments = ["scan", "a b", "", "it's", "-p-"].map(str::to_owned);
        assert_eq!(command(&arguments), r"scan 'a b' '' 'it'\''s' -p-");
    }
}
