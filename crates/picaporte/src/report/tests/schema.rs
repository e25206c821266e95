//! The published schema of JSON and JSON Lines: every object of every sample is valid by it, and has no field that it does not name.
//! Beneath it, docs/formats.md is held against it too.

use std::collections::BTreeSet;
use std::path::PathBuf;

use boon::{Compiler, SchemaIndex, Schemas};
use picaporte_core::sim::World;
use picaporte_core::verdict::States;
use serde_json::{Value, json};

use super::super::Kept;
use super::sample::{self, Sample};
use super::{
    Finding, Format, Style, firewalls, hostile, lines, plain, reverse, scope, services, ways,
};

mod documented;

/// The definitions that are objects, in the order in which they are told.
const OBJECTS: [&str; 30] = [
    "scan",
    "scope",
    "listed",
    "limits",
    "lowered",
    "outside",
    "port",
    "evidence",
    "icmp",
    "peer",
    "service",
    "tls",
    "certificate",
    "host",
    "ports",
    "host_rejects",
    "slowed",
    "located",
    "distance",
    "hop",
    "end",
    "loss",
    "graded",
    "outages",
    "sampled",
    "reverse_dns",
    "identified",
    "policies",
    "rejects",
    "document",
];

fn docs(file: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../../docs")
        .join(file)
}

fn published() -> Value {
    let text = std::fs::read_to_string(docs("schema/scan.schema.json")).expect("the schema");
    serde_json::from_str(&text).expect("JSON")
}

/// The schema for this version alone: an object has no field that is not named. Readers get the open one, as later versions add fields.
fn closed(mut schema: Value) -> Value {
    for object in OBJECTS {
        let definition = schema["$defs"][object].as_object_mut().expect("an object");
        definition.insert("additionalProperties".to_owned(), false.into());
    }
    schema
}

/// A schema, and where a value is held against it.
struct Judge {
    schemas: Schemas,
    index: SchemaIndex,
}

impl Judge {
    fn new(schema: Value) -> Self {
        let (mut schemas, mut compiler) = (Schemas::new(), Compiler::new());
        compiler.enable_format_assertions();
        compiler
            .add_resource("urn:picaporte:scan:1", schema)
            .expect("a resource");
        let index = compiler
            .compile("urn:picaporte:scan:1", &mut schemas)
            .expect("a schema");
        Self { schemas, index }
    }

    fn refuses(&self, value: &Value) -> Option<String> {
        let valid = self.schemas.validate(value, self.index);
        valid.err().map(|error| format!("{error:#} in {value}"))
    }
}

/// JSON Lines with every field that there is.
fn samples() -> Vec<String> {
    let mut kept = sample::interrupted(States::OPEN);
    kept.trailer.kept = Some(Kept {
        id: kept.header.id.clone(),
        digest: "0".repeat(64),
    });
    let world = World {
        seed: 7,
        dead: 10_000,
        open: 10_000,
        silent: 10_000,
        rejected: 10_000,
        ..World::default()
    };
    let many: String = (0..70)
        .map(|i| format!("'192.0.{i}.0/28',"))
        .collect::<Vec<_>>()
        .concat();
    let mut wide = scope::sample();
    wide.header = scope::header(
        &["192.0.0.0/16"],
        &format!("[allowed]\nnetworks = [{many}]\n"),
        Vec::new(),
    );
    let samples = [
        sample::interrupted(States::ALL),
        kept,
        sample::interrupted(States::NONE),
        sample::simulated(&world, None),
        hostile(),
        scope::sample(),
        wide,
        firewalls::four(),
        rejecting(),
        reverse::sample(),
        services::sample(States::OPEN),
    ];
    let mut texts: Vec<_> = samples
        .iter()
        .map(|sample| plain(sample, Format::JsonLines))
        .collect();
    texts.push(ways::told(Format::JsonLines, Style::default()));
    texts
}

/// More devices that reject than are kept apart.
fn rejecting() -> Sample {
    let mut sample = firewalls::four();
    let Some(Finding::Host(host)) = sample
        .findings
        .iter()
        .find(|finding| matches!(finding, Finding::Host(host) if !host.rejects.is_empty()))
    else {
        panic!("a host that rejects");
    };
    let host = host.clone();
    for n in 0..300_u32 {
        let mut host = host.clone();
        host.rejects[0].0.from = Some(picaporte_core::Address::new(
            std::net::Ipv4Addr::from_bits(0xc612_0000 + n).into(),
        ));
        sample.findings.push(Finding::Host(host));
    }
    sample
}

fn document(lines: &[Value]) -> Value {
    let [scan, findings @ .., end] = lines else {
        panic!("a scan has a first and a last line");
    };
    json!({"scan": scan, "findings": findings, "end": end})
}

#[test]
fn everything_that_is_written_is_valid_and_named() {
    let judge = Judge::new(closed(published()));
    for text in samples() {
        let lines = lines(&text);
        let document = document(&lines);
        for value in lines.iter().chain([&document]) {
            assert_eq!(judge.refuses(value), None);
        }
    }
    let text = plain(&sample::interrupted(States::ALL), Format::Json);
    assert_eq!(judge.refuses(&serde_json::from_str(&text).unwrap()), None);
}

/// Else the test above would hold of any schema.
#[test]
fn what_is_never_written_is_not_valid() {
    let (open, closed) = (Judge::new(published()), Judge::new(closed(published())));
    let lines = lines(&plain(&sample::interrupted(States::ALL), Format::JsonLines));
    let port = lines
        .iter()
        .find(|line| line["type"] == "port" && line["state"] == "filtered")
        .expect("a port");
    let with = |field: &str, value: Value| {
        let mut port = port.clone();
        port[field] = value;
        port
    };
    for (field, value) in [
        ("type", json!("ports")),
        ("port", json!(0)),
        ("port", json!("22")),
        ("state", json!("open|filtered")),
        ("at", json!("today")),
        ("at", json!("2026-13-01T00:00:00.000Z")),
        ("reason", json!(null)),
        ("names", json!(["one"])),
        ("evidence", json!({"icmp": {}})),
    ] {
        assert!(
            open.refuses(&with(field, value.clone())).is_some(),
            "{field} {value}"
        );
    }
    let later = with("colour", json!("red"));
    assert_eq!(open.refuses(&later), None);
    assert!(closed.refuses(&later).is_some());
    let mut document = document(&lines);
    document["findings"]
        .as_array_mut()
        .expect("a list")
        .push(lines[0].clone());
    assert!(open.refuses(&document).is_some());
}

/// Fields, as `object/field`.
type Fields = BTreeSet<String>;

/// The fields of a value that its schema names.
fn walk(schemas: &Value, name: &str, schema: &Value, value: &Value, seen: &mut Fields) {
    if let Some(reference) = schema["$ref"].as_str() {
        let name = reference.trim_start_matches("#/$defs/");
        return walk(schemas, name, &schemas["$defs"][name], value, seen);
    }
    if let (Some(properties), Some(object)) = (schema["properties"].as_object(), value.as_object())
    {
        for (field, schema) in properties {
            if let Some(value) = object.get(field) {
                seen.insert(format!("{name}/{field}"));
                walk(schemas, name, schema, value, seen);
            }
        }
    }
    for item in value.as_array().into_iter().flatten() {
        walk(schemas, name, &schema["items"], item, seen);
    }
    for branch in schema["oneOf"].as_array().into_iter().flatten() {
        if !value.is_null() {
            walk(schemas, name, branch, value, seen);
        }
    }
}

#[test]
fn every_field_of_the_schema_is_written_by_some_sample() {
    let schemas = published();
    let definitions = schemas["$defs"].as_object().expect("definitions");
    let objects = definitions
        .iter()
        .filter(|(_, definition)| definition["properties"].is_object());
    let (mut named, mut known) = (Fields::new(), BTreeSet::new());
    for (name, definition) in objects {
        known.insert(name.as_str());
        let fields = definition["properties"].as_object().expect("properties");
        named.extend(fields.keys().map(|field| format!("{name}/{field}")));
    }
    assert_eq!(known, OBJECTS.into_iter().collect());
    let mut seen = Fields::new();
    for text in samples() {
        let lines = lines(&text);
        walk(
            &schemas,
            "document",
            &schemas["$defs"]["document"],
            &document(&lines),
            &mut seen,
        );
        for line in lines {
            let name = line["type"].as_str().expect("a type");
            walk(&schemas, name, &schemas["$defs"][name], &line, &mut seen);
        }
    }
    assert_eq!(
        named.difference(&seen).collect::<Vec<_>>(),
        Vec::<&String>::new()
    );
}
