//! All files that are built in: each is listed, each pattern compiles, each example is what it says, and no file claims another's.

use std::collections::BTreeSet;
use std::path::PathBuf;

use picaporte_encode::Untrusted;
use toml::Spanned;

use crate::knowledge::recognize::Source;
use crate::knowledge::{Knowledge, MOST_ANSWER, builtin, raw, unescaped};
use crate::service::{Cpe, Version};

fn knowledge() -> std::sync::Arc<Knowledge> {
    Knowledge::builtin().unwrap_or_else(|error| panic!("{error}"))
}

fn files() -> impl Iterator<Item = (&'static str, raw::File)> {
    builtin::FILES
        .iter()
        .map(|(name, text)| (*name, toml::from_str(text).unwrap()))
}

fn source(knowledge: &Knowledge, answers: &str) -> Source {
    match answers {
        "greeting" => Source::Greeting,
        probe => Source::Probe(knowledge.probe_named(probe).unwrap()),
    }
}

#[test]
fn every_file_is_listed() {
    let data = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("data");
    let there: BTreeSet<String> = std::fs::read_dir(data)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    let listed: Vec<&str> = builtin::FILES.iter().map(|file| file.0).collect();
    assert!(
        listed.is_sorted(),
        "the files stand in the order of their names"
    );
    assert_eq!(there, listed.into_iter().map(str::to_owned).collect());
}

#[test]
fn every_pattern_compiles() {
    knowledge()
        .prove()
        .unwrap_or_else(|error| panic!("{error}"));
}

/// IANA's registry of services over TLS, and the usual second ones: TLS comes first there.
#[test]
fn what_is_tls_from_the_first_byte_on_is_known_by_its_port() {
    let knowledge = knowledge();
    let ports = [
        443, 465, 563, 636, 853, 989, 990, 992, 993, 994, 995, 2376, 3269, 5061, 5223, 5671, 6443,
        6679, 6697, 8443, 8883, 9443,
    ];
    let missing: Vec<u16> = ports
        .into_iter()
        .filter(|port| !knowledge.is_tls_port(*port))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    for port in [21, 22, 23, 25, 80, 110, 143, 389, 5432, 6379, 8080] {
        assert!(!knowledge.is_tls_port(port), "{port}");
    }
}

/// What reads the same answer is found with one search, however much that grows.
#[test]
fn rules_that_read_the_same_answer_are_looked_at_together() {
    let knowledge = knowledge();
    for (id, probe) in knowledge.probes() {
        assert!(
            knowledge.looks_together(Source::Probe(id)),
            "{}",
            probe.name
        );
    }
    assert!(knowledge.looks_together(Source::Greeting));
}

/// What differs between an example and what is recognized of it.
fn differs(knowledge: &Knowledge, example: &raw::Example) -> Option<String> {
    let bytes = unescaped(example.bytes.get_ref()).unwrap();
    assert!(bytes.len() <= MOST_ANSWER);
    let Some(found) = knowledge.recognize(&[source(knowledge, example.answers.get_ref())], &bytes)
    else {
        return Some("nothing is recognized".to_owned());
    };
    let said = found.said;
    let wanted =
        |text: &Option<Spanned<String>>| text.as_ref().map(|text| Untrusted::new(text.get_ref()));
    let shown = |what: &str, found: Option<&Untrusted>, wanted: &Option<Spanned<String>>| {
        format!(
            "{what} is {:?} and not {:?}",
            found.map(Untrusted::terminal),
            wanted.as_ref().map(Spanned::get_ref)
        )
    };
    let version = said.version.as_ref().map(Version::as_str);
    if said.service.as_str() != example.service.get_ref() {
        return Some(format!("the service is {}", said.service));
    }
    if said.product != wanted(&example.product) {
        return Some(shown(
            "the product",
            said.product.as_ref(),
            &example.product,
        ));
    }
    if version != example.version.as_ref().map(|text| text.get_ref().as_str()) {
        return Some(format!("the version is {version:?}"));
    }
    if said.extra != wanted(&example.extra) {
        return Some(shown("extra", said.extra.as_ref(), &example.extra));
    }
    if said.hostname != wanted(&example.hostname) {
        return Some(shown(
            "the hostname",
            said.hostname.as_ref(),
            &example.hostname,
        ));
    }
    let missing = |cpe: &&Spanned<String>| {
        !said
            .cpe
            .iter()
            .any(|found| is_platform(found, cpe.get_ref()))
    };
    example
        .cpe
        .iter()
        .find(missing)
        .map(|cpe| format!("{} is not in {:?}", cpe.get_ref(), said.cpe))
}

/// As an example writes it: whole, or `part:vendor:product`.
fn is_platform(found: &Cpe, wanted: &str) -> bool {
    let found = found.as_str();
    found == wanted
        || found
            .strip_prefix("cpe:2.3:")
            .is_some_and(|f| f.starts_with(&format!("{wanted}:")))
}

#[test]
fn every_example_is_what_it_says() {
    let knowledge = knowledge();
    let mut wrong = Vec::new();
    for (name, file) in files() {
        assert!(!file.example.is_empty(), "{name} has no example");
        for example in file.example.iter().map(Spanned::get_ref) {
            if let Some(what) = differs(&knowledge, example) {
                wrong.push(format!(
                    "{name}: {}: {what}",
                    example.bytes.get_ref().escape_debug()
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn no_file_claims_what_it_must_not() {
    let knowledge = knowledge();
    let mut wrong = Vec::new();
    for (name, file) in files() {
        for not in file.not.iter().map(Spanned::get_ref) {
            let bytes = unescaped(not.bytes.get_ref()).unwrap();
            let matching =
                knowledge.all_matching(source(&knowledge, not.answers.get_ref()), &bytes);
            let claims = matching.iter().filter(|claim| claim.0 == name);
            wrong.extend(
                claims.map(|claim| format!("{claim:?}: {}", not.bytes.get_ref().escape_debug())),
            );
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Whatever order the files have: rules that are sure of an example are all sure of the same.
#[test]
fn no_strong_rule_claims_anothers_example() {
    let knowledge = knowledge();
    let mut wrong = Vec::new();
    for (name, file) in files() {
        for example in file.example.iter().map(Spanned::get_ref) {
            let bytes = unescaped(example.bytes.get_ref()).unwrap();
            let matching =
                knowledge.all_matching(source(&knowledge, example.answers.get_ref()), &bytes);
            let others = matching
                .iter()
                .filter(|claim| !claim.2 && claim.1 != example.service.get_ref());
            wrong.extend(others.map(|claim| {
                format!(
                    "{claim:?} claims of {name}: {}",
                    example.bytes.get_ref().escape_debug()
                )
            }));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Seeded bytes (xorshift, G. Marsaglia 2003), so that a failure comes again.
fn noise(seed: u64, len: usize) -> Vec<u8> {
    let mut x = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        x ^= x << 13;
        x ^= x >> 7;
        x ^= x << 17;
        (x >> 24) as u8
    };
    (0..len).map(|_| next()).collect()
}

#[test]
fn noise_is_nothing_whatever_was_asked() {
    let knowledge = knowledge();
    let sources: Vec<Source> = std::iter::once(Source::Greeting)
        .chain(knowledge.probes().map(|(id, _)| Source::Probe(id)))
        .collect();
    for source in &sources {
        for seed in 0..200 {
            let found = knowledge.recognize(&[*source], &noise(seed, 1 + seed as usize * 7 % 700));
            assert!(found.is_none(), "{source:?} {seed}: {found:?}");
        }
    }
}
