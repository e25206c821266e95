//! What the TOML reader says, in words for whoever writes the file: what stands there, and what to write. A phrase that is not
//! known here is passed on as it is.

use super::wrong::At;

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
    const fn mend(self) -> [&'static str; 2] {
        match self {
            Self::Moments => [
                "a date, a time and a zone, without quotes",
                "2026-01-31T18:00:00Z",
            ],
            Self::Days => ["a date, without quotes", "2026-01-31"],
        }
    }
}

/// The reader's error, in our words.
pub fn of_toml(error: &toml::de::Error, text: &str, dates: Dates) -> At {
    let span = error.span().unwrap_or_default();
    let there = text.get(span.clone()).unwrap_or_default();
    At {
        what: reword(&error.message().replace('\n', "; "), there, dates),
        span,
    }
}

fn reword(said: &str, there: &str, dates: Dates) -> String {
    if let Some(rest) = said.strip_prefix("unknown field ") {
        return unknown_key(rest);
    }
    for kind in ["invalid type: ", "invalid value: "] {
        if let Some(rest) = said.strip_prefix(kind) {
            return wrong_kind(rest, there, dates);
        }
    }
    if said == "duplicate key" {
        return format!("'{there}' is written twice; keep one");
    }
    if said.contains("expected `") || said.starts_with("invalid ") {
        return format!("this is no TOML: {said}");
    }
    said.to_owned()
}

/// `` `a`, expected one of `b`, `c` ``: the key that is not known, and those that are.
fn unknown_key(rest: &str) -> String {
    let mut words = rest.split('`').skip(1).step_by(2);
    let key = words.next().unwrap_or_default();
    let known: Vec<&str> = words.collect();
    let spelled = key.replace('-', "_").replace('z', "s").to_ascii_lowercase();
    let near = known.iter().find(|word| {
        **word == spelled || word.trim_end_matches('s') == spelled.trim_end_matches('s')
    });
    let hint = near.map_or(String::new(), |word| format!("; did you mean '{word}'?"));
    format!(
        "there is no key '{key}' here{hint} (there are: {})",
        known.join(", ")
    )
}

/// `string "yes", expected a sequence`, and the text that stands there.
fn wrong_kind(rest: &str, there: &str, dates: Dates) -> String {
    let (_, needed) = rest.rsplit_once(", expected ").unwrap_or((rest, ""));
    let there = there.lines().next().unwrap_or_default();
    let short: String = there.chars().take(60).collect();
    let dotted = there.trim_matches(['"', '\'']);
    let mend = match needed {
        "a sequence" => format!("a list; write it like [{short}]"),
        "a string" => "text in quotes".to_owned(),
        "a TOML datetime" | "a valid datetime field" => {
            let date = dotted.starts_with(|c: char| c.is_ascii_digit());
            let [what, example] = dates.mend();
            let like = if date { dotted } else { example };
            format!("{what}; write it like {like}")
        }
        "u32" => "a whole number from 1 to 4294967295".to_owned(),
        _ if needed == "a map" || needed.starts_with("struct ") => {
            "a table; write its name in [ ] and its keys below".to_owned()
        }
        other => other.to_owned(),
    };
    format!("'{short}' stands where there must be {mend}")
}
