//! Files of our own, in nmap's syntax.

mod answers;
mod bounds;
mod fields;
mod hostile;
mod installed;
mod reading;

use picaporte_toml::Mistake;

use super::*;

fn read(text: &str) -> Probes {
    match Probes::read("mine", text.as_bytes().to_vec()) {
        Ok(probes) => probes,
        Err(wrong) => panic!("{wrong}"),
    }
}

fn refused(text: &str) -> String {
    match Probes::read("mine", text.as_bytes().to_vec()) {
        Ok(_) => panic!("it was read: {text}"),
        Err(wrong) => {
            must_be_in_both_languages(&wrong.what);
            wrong.to_string()
        }
    }
}

/// And what is quoted stands in each.
fn must_be_in_both_languages(what: &Mistake) {
    let Mistake::Said(text) = what else { return };
    assert_ne!(text.en, text.es);
    if let Some(quoted) = text.en.strip_prefix('\'') {
        let (quoted, _) = quoted.rsplit_once('\'').expect("a closing quote");
        assert!(text.es.contains(quoted), "{text:?}");
    }
}

fn port(number: u16) -> Port {
    Port::new(number).expect("a port")
}

/// What the rules of the probe that only listens say.
fn heard(rules: &str, answer: &[u8]) -> Option<Match> {
    let probes = read(&format!("Probe TCP NULL q||\n{rules}"));
    let greeting = probes.greeting().expect("NULL");
    probes.matches(greeting, answer).found
}
