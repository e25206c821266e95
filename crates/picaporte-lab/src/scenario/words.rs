//! What the TOML reader says, in words for whoever writes the file: what stands there, what is needed, and what to write.
//! It knows the reader's phrases; one that it does not know is passed on as it is.

use super::wrong::Wrong;

/// The reader's error, in our words.
pub(super) fn of_toml(error: &toml::de::Error, text: &str) -> Wrong {
    let span = error.span().unwrap_or_default();
    let there = text.get(span.clone()).unwrap_or_default();
    Wrong {
        what: reword(&error.message().replace('\n', "; "), there),
        span,
    }
}

fn reword(said: &str, there: &str) -> String {
    if let Some(rest) = said.strip_prefix("unknown field ") {
        return unknown_key(rest);
    }
    if let Some(rest) = said.strip_prefix("unknown variant ") {
        let words = quoted(rest);
        return format!(
            "'{}' is not known here; write {}",
            first(&words),
            either(&words)
        );
    }
    if let Some(rest) = said.strip_prefix("missing field ") {
        return missing(first(&quoted(rest)));
    }
    let kinds = ["invalid type: ", "invalid value: "];
    if let Some(rest) = kinds.iter().find_map(|kind| said.strip_prefix(kind)) {
        return wrong_kind(rest, there);
    }
    match said {
        "duplicate key" => format!("'{there}' is written twice; keep one"),
        _ if said.contains("expected `") || said.starts_with("invalid ") => {
            format!("this is no TOML: {said}")
        }
        _ => said.to_owned(),
    }
}

/// `` `a`, expected one of `b`, `c` `` → a, b, c.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

fn first<'a>(words: &[&'a str]) -> &'a str {
    words.first().copied().unwrap_or_default()
}

/// All but the first, the last one after an "or".
fn either(words: &[&str]) -> String {
    match words.get(1..).unwrap_or_default() {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [some @ .., last] => format!("{} or {last}", some.join(", ")),
    }
}

fn unknown_key(rest: &str) -> String {
    let words = quoted(rest);
    let key = first(&words);
    let known = words.get(1..).unwrap_or_default();
    let near = known
        .iter()
        .map(|word| (distance(key, word), *word))
        .min()
        .filter(|(distance, word)| *distance <= 2.min(word.len() / 2))
        .map(|(_, word)| format!("; did you mean '{word}'?"))
        .unwrap_or_default();
    format!(
        "there is no key '{key}' here{near} (there are: {})",
        known.join(", ")
    )
}

/// How many letters to change, add or leave out (Levenshtein 1966); a long word is far from everything.
fn distance(a: &str, b: &str) -> usize {
    if a.len() > 32 {
        return usize::MAX;
    }
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.chars().enumerate() {
        let mut corner = i;
        row[0] = i + 1;
        for (j, y) in b.iter().enumerate() {
            let change = corner + usize::from(x != *y);
            corner = row[j + 1];
            row[j + 1] = change.min(corner + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

/// How each key that can be missing is written.
const EXAMPLES: [(&str, &str); 22] = [
    ("about", "about = \"What it stands for.\" at the top"),
    ("source", "source = \"Where that is written.\" at the top"),
    ("scan", "[scan] with targets and ports"),
    ("hosts", "[[hosts]] with addresses, once or more"),
    ("targets", "targets = [\"198.18.0.1\"]"),
    ("ports", "ports = \"1-1000\""),
    ("addresses", "addresses = [\"198.18.0.1\"]"),
    ("is", "is = \"open\", or closed, dropped, rejected, reset"),
    ("hop", "hop = 1"),
    ("up_to", "up_to = \"20ms\""),
    ("share", "share = 0.05"),
    ("mean", "mean = 50"),
    ("by", "by = \"10ms\""),
    ("from", "from = \"1s\""),
    ("lasts", "lasts = \"2s\""),
    ("rate", "rate = \"1Mbit/s\""),
    ("queue", "queue = \"200ms\""),
    ("syns", "syns = 100"),
    ("within", "within = \"1s\""),
    ("silences", "silences = \"10s\""),
    ("per_second", "per_second = 200"),
    ("burst", "burst = 6"),
];

fn missing(key: &str) -> String {
    let example = EXAMPLES.iter().find(|(known, _)| *known == key);
    let example = example.map_or_else(|| format!("{key} = …"), |(_, how)| (*how).to_owned());
    format!("'{key}' is missing here; write {example}")
}

/// `string "yes", expected a boolean`, and where it stands.
fn wrong_kind(rest: &str, there: &str) -> String {
    let (found, needed) = rest
        .rsplit_once(", expected ")
        .unwrap_or((rest, "something else"));
    let mend = match (found, there.chars().next()) {
        ("map", Some('[')) => format!("; write [{}]", there.lines().next().unwrap_or_default()),
        ("map", Some('{')) => "; write [{ … }]".to_owned(),
        ("map", _) => "; a name with dots in it needs quotes".to_owned(),
        _ => String::new(),
    };
    format!(
        "{} stands where {} is needed{mend}",
        kind(found),
        need(needed)
    )
}

fn kind(found: &str) -> String {
    let bare = |prefix: &str| Some(found.strip_prefix(prefix)?.trim_matches('`'));
    match found {
        "map" => "a table".to_owned(),
        "sequence" => "a list".to_owned(),
        _ => bare("integer ")
            .or_else(|| bare("floating point "))
            .map(|number| format!("the number {number}"))
            .or_else(|| Some(format!("the text {}", found.strip_prefix("string ")?)))
            .or_else(|| Some(bare("boolean ")?.to_owned()))
            .unwrap_or_else(|| found.to_owned()),
    }
}

fn need(needed: &str) -> &str {
    match needed {
        "a string" => "text in quotes",
        "a boolean" => "true or false",
        "a sequence" => "a list in [ ]",
        "u8" => "a whole number from 0 to 255",
        "u16" => "a whole number from 0 to 65535",
        "u32" => "a whole number from 0 to 4294967295",
        "u64" | "usize" => "a whole number from 0",
        "f64" => "a number",
        _ if needed == "a map" || needed.starts_with("struct ") => "a table in { }",
        _ => needed,
    }
}
