//! What the TOML reader says, in words for whoever writes the file: what stands there, and what to write. A phrase that is not
//! known here is passed on as it is.

use super::mistake::Text;
use super::wrong::At;
use crate::mistake;

/// What a file means by dates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    /// A moment: a date, a time and a zone.
    Moments,
    /// A whole day.
    Days,
}

impl Dates {
    /// What to write, and an example of it.
    fn mend(self) -> (Text, &'static str) {
        match self {
            Self::Moments => (
                mistake!(
                    "a date, a time and a zone, without quotes",
                    "una fecha, una hora y una zona, sin comillas"
                ),
                "2026-01-31T18:00:00Z",
            ),
            Self::Days => (
                mistake!("a date, without quotes", "una fecha, sin comillas"),
                "2026-01-31",
            ),
        }
    }
}

/// The reader's error, in our words.
pub fn of_toml(error: &toml::de::Error, text: &str, dates: Dates) -> At {
    let span = error.span().unwrap_or_default();
    let there = text.get(span.clone()).unwrap_or_default();
    At {
        what: reword(&error.message().replace('\n', "; "), there, dates).into(),
        span,
    }
}

fn reword(said: &str, there: &str, dates: Dates) -> Text {
    if let Some(rest) = said.strip_prefix("unknown field ") {
        return unknown_key(rest);
    }
    for kind in ["invalid type: ", "invalid value: "] {
        if let Some(rest) = said.strip_prefix(kind) {
            return wrong_kind(rest, there, dates);
        }
    }
    if said == "duplicate key" {
        return mistake!(
            "'{there}' is written twice; keep one",
            "'{there}' está dos veces; deje uno",
            there = there
        );
    }
    if said.contains("expected `") || said.starts_with("invalid ") {
        return mistake!(
            "this is no TOML: {said}",
            "esto no es TOML: {said}",
            said = said
        );
    }
    if said.starts_with("string values must be quoted") {
        let es = "los valores de texto van entre comillas".to_owned();
        return Text {
            en: said.to_owned(),
            es,
        };
    }
    Text::same(said)
}

/// `` `a`, expected one of `b`, `c` ``: the key that is not known, and those that are.
fn unknown_key(rest: &str) -> Text {
    let mut words = rest.split('`').skip(1).step_by(2);
    let key = words.next().unwrap_or_default();
    let known: Vec<&str> = words.collect();
    let spelled = key.replace('-', "_").replace('z', "s").to_ascii_lowercase();
    let near = known.iter().find(|word| {
        **word == spelled || word.trim_end_matches('s') == spelled.trim_end_matches('s')
    });
    let known = known.join(", ");
    let Some(near) = near else {
        return mistake!(
            "there is no key '{key}' here (there are: {known})",
            "aquí no hay ninguna clave '{key}' (las hay: {known})",
            key = key,
            known = known
        );
    };
    mistake!(
        "there is no key '{key}' here; did you mean '{near}'? (there are: {known})",
        "aquí no hay ninguna clave '{key}'; ¿quiso decir '{near}'? (las hay: {known})",
        key = key,
        near = near,
        known = known
    )
}

/// `string "yes", expected a sequence`, and the text that stands there.
fn wrong_kind(rest: &str, there: &str, dates: Dates) -> Text {
    let (_, needed) = rest.rsplit_once(", expected ").unwrap_or((rest, ""));
    let there = there.lines().next().unwrap_or_default();
    let short: String = there.chars().take(60).collect();
    let dotted = there.trim_matches(['"', '\'']);
    let several = there.trim_end().strip_prefix("[[");
    if let Some(name) = several.and_then(|rest| rest.strip_suffix("]]"))
        && needed == "a sequence"
    {
        return mistake!(
            "'{short}' begins one table of several, and there is only one; write [{name}]",
            "'{short}' empieza una tabla de varias, y solo hay una; escriba [{name}]",
            short = short,
            name = name
        );
    }
    let mend = match needed {
        "a sequence" => mistake!(
            "a list; write it like [{short}]",
            "una lista; escríbala como [{short}]",
            short = short
        ),
        "a string" => mistake!("text in quotes", "un texto entre comillas"),
        "a TOML datetime" | "a valid datetime field" => {
            let date = dotted.starts_with(|c: char| c.is_ascii_digit());
            let (what, example) = dates.mend();
            let like = if date { dotted } else { example };
            mistake!(
                what => "{what}; write it like {like}",
                "{what}; escríbala como {like}",
                like = like
            )
        }
        "u32" => mistake!(
            "a whole number from 1 to 4294967295",
            "un número entero de 1 a 4294967295"
        ),
        _ if needed == "a map" || needed.starts_with("struct ") => {
            mistake!(
                "a table; write its name in [ ] and its keys below",
                "una tabla; escriba su nombre entre [ ] y sus claves debajo"
            )
        }
        other => Text::same(other),
    };
    mistake!(
        mend => "'{short}' stands where there must be {mend}",
        "'{short}' está donde debe haber {mend}",
        short = short
    )
}
