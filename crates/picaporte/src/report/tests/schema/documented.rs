//! docs/formats.md says of each field what the schema says, and names every field of the formats that have no schema.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use picaporte_core::verdict::States;
use serde_json::{Map, Value};

use super::super::super::csv;
use super::super::{Format, lines, markdown, plain, sample};
use super::{OBJECTS, docs, published};

/// Set, it makes the test write the tables instead of comparing them.
const WRITE: &str = "PICAPORTE_WRITE_DOCS";
/// The lines around the tables.
const BEGIN: &str = "<!-- The fields: made by the test `every_field_is_documented` from docs/schema/scan.schema.json. -->\n";
const END: &str = "<!-- The end of the fields. -->\n";
/// `integer or null`, `a state`, `list of strings`.
fn kind(schema: &Value) -> String {
    let reference = |schema: &Value| {
        schema["$ref"]
            .as_str()
            .map(|to| to.trim_start_matches("#/$defs/").to_owned())
    };
    let linked = |name: String| {
        if OBJECTS.contains(&&*name) {
            format!("[{name}](#{name})")
        } else {
            name
        }
    };
    if let Some(name) = reference(schema) {
        return linked(name);
    }
    if let Some(branches) = schema["oneOf"].as_array() {
        let names: Vec<_> = branches.iter().filter_map(reference).map(linked).collect();
        return format!("{} or null", names.join(", "));
    }
    if let Some(words) = schema["enum"]
        .as_array()
        .cloned()
        .or(schema.get("const").map(|only| vec![only.clone()]))
    {
        return words
            .iter()
            .map(|word| format!("`{}`", word.to_string().trim_matches('"')))
            .collect::<Vec<_>>()
            .join(" ");
    }
    let types = schema["type"]
        .as_array()
        .cloned()
        .unwrap_or_else(|| vec![schema["type"].clone()]);
    let types = types
        .iter()
        .filter_map(Value::as_str)
        .map(|kind| match kind {
            "array" => format!("list of {}", kind_of_items(&schema["items"])),
            other => other.to_owned(),
        });
    types.collect::<Vec<_>>().join(" or ")
}

fn kind_of_items(items: &Value) -> String {
    match items["type"].as_str() {
        Some(kind) => format!("{kind}s"),
        None => kind(items),
    }
}

/// A table for each object.
fn tables(schemas: &Value) -> String {
    let definitions = &schemas["$defs"];
    let mut text = String::new();
    for name in OBJECTS {
        let definition = &definitions[name];
        let describe = |schema: &Value| {
            schema["description"]
                .as_str()
                .expect("a description")
                .to_owned()
        };
        let properties = definition["properties"].as_object().expect("properties");
        let _ = write!(
            text,
            "\n### {name}\n\n{}\n\n| field | type | what it says |\n| --- | --- | --- |\n",
            describe(definition)
        );
        for (field, optional) in fields(definition, properties) {
            let schema = &properties[field];
            let sometimes = if optional { " (not always there)" } else { "" };
            let _ = writeln!(
                text,
                "| `{field}` | {} | {}{sometimes} |",
                kind(schema),
                describe(schema)
            );
        }
    }
    text + "\n"
}

/// Those that are always there, in their order, then the others.
fn fields<'a>(definition: &'a Value, properties: &'a Map<String, Value>) -> Vec<(&'a str, bool)> {
    let required = definition["required"].as_array().expect("a list").iter();
    let required: Vec<_> = required.filter_map(Value::as_str).collect();
    let optional = properties
        .keys()
        .map(String::as_str)
        .filter(|field| !required.contains(field));
    let optional: Vec<_> = optional.map(|field| (field, true)).collect();
    let required = required.into_iter().map(|field| (field, false));
    required.chain(optional).collect()
}

#[test]
fn every_field_is_documented() {
    let file = docs("formats.md");
    let text = std::fs::read_to_string(&file).expect("docs/formats.md");
    let (before, rest) = text.split_once(BEGIN).expect("where the fields begin");
    let (documented, after) = rest.split_once(END).expect("where they end");
    let tables = tables(&published());
    if std::env::var_os(WRITE).is_some() {
        let text = format!("{before}{BEGIN}{tables}{END}{after}");
        return std::fs::write(&file, text).expect("docs/formats.md");
    }
    assert_eq!(
        documented, tables,
        "docs/formats.md has other fields; `{WRITE}=1 cargo test -p picaporte --lib every_field_is_documented` writes these"
    );
}

/// What stands beneath a heading.
fn section<'a>(text: &'a str, heading: &str) -> &'a str {
    let from = text
        .split_once(&format!("\n## {heading}\n"))
        .expect(heading)
        .1;
    from.split_once("\n## ")
        .map_or(from, |(section, _)| section)
}

/// The first cells of its table.
fn rows(section: &str) -> Vec<&str> {
    section
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split_once('`'))
        .map(|(field, _)| field)
        .collect()
}

#[test]
fn the_fields_of_the_other_formats_are_documented() {
    let text = std::fs::read_to_string(docs("formats.md")).expect("docs/formats.md");
    assert_eq!(rows(section(&text, "csv")), csv::COLUMNS);
    let sample = sample::interrupted(States::OPEN);
    let keys = |value: &Value| {
        value
            .as_object()
            .expect("an object")
            .keys()
            .cloned()
            .collect::<BTreeSet<_>>()
    };
    let told = |heading| {
        rows(section(&text, heading))
            .into_iter()
            .map(str::to_owned)
            .collect::<BTreeSet<_>>()
    };
    let line = &lines(&plain(&sample, Format::Naabu))[0];
    assert_eq!(told("naabu"), keys(line));
    let list: Value = serde_json::from_str(&plain(&sample, Format::Masscan)).unwrap();
    let mut names = keys(&list[0]);
    names.extend(keys(&list[0]["ports"][0]));
    assert_eq!(told("masscan"), names);
    let markdown = markdown::read(&plain(&sample, Format::Markdown));
    let section = section(&text, "md");
    for table in markdown
        .tables
        .iter()
        .filter(|table| !table.head[0].is_empty())
    {
        assert!(section.contains(&table.heading), "{}", table.heading);
        for head in &table.head {
            assert!(section.contains(&format!("`{head}`")), "{head}");
        }
    }
    for format in Format::ALL {
        assert!(
            text.contains(&format!("`{}`", format.name())),
            "{}",
            format.name()
        );
    }
}
