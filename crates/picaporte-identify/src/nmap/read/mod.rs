//! Reads the file, line by line (nmap's book, "nmap-service-probes File Format").
//!
//! What is wrong in a directive that is known is an error, with its line. What is not known is passed over with a warning, as newer
//! versions of the file may have more. Patterns are not looked into here: that is done when they are used.

mod directive;
mod piece;
mod rule;

use std::collections::HashMap;
use std::sync::atomic::AtomicU32;

use picaporte_core::PortSet;
use picaporte_toml::{Mistake, mistake};

use super::probe::Probe;
use super::rule::Rule;
use super::wrong::{Warnings, Wrong, quoted};
use super::{Counts, FILE, Probes};
use crate::service::Name;

/// A file that is read.
struct Reader<'f> {
    file: &'f [u8],
    line: u32,
    probes: Vec<Probe>,
    rules: Vec<Rule>,
    /// Names of probes that a probe falls back to, and the line that says so.
    fallbacks: Vec<(usize, u32, &'f [u8])>,
    excluded: Option<PortSet>,
    services: HashMap<&'f [u8], Option<Name>>,
    counts: Counts,
    warnings: Warnings,
}

/// Reads a whole file.
///
/// # Errors
/// The first mistake.
pub(super) fn read(name: &str, file: Vec<u8>) -> Result<Probes, Wrong> {
    let wrong = |line, what: Mistake| Wrong {
        file: name.to_owned(),
        line,
        what,
    };
    if file.len() > FILE {
        let what = mistake!(
            "has more than 16 MiB; is it nmap-service-probes?",
            "ocupa más de 16 MiB; ¿es nmap-service-probes?"
        );
        return Err(wrong(0, what.into()));
    }
    let mut reader = Reader::new(&file);
    for line in file.split(|&byte| byte == b'\n') {
        reader.line += 1;
        if let Err(what) = reader.line(line) {
            return Err(wrong(reader.line, what));
        }
    }
    let Some(parts) = reader.finished() else {
        let what = mistake!(
            "holds no 'Probe TCP'; is it nmap-service-probes?",
            "no contiene ningún 'Probe TCP'; ¿es nmap-service-probes?"
        );
        return Err(wrong(0, what.into()));
    };
    let Parts {
        probes,
        rules,
        excluded,
        counts,
        warnings,
    } = parts;
    Ok(Probes {
        greeting: probes
            .iter()
            .position(|probe| !probe.udp && probe.send.is_empty()),
        file: file.into(),
        all: probes,
        rules,
        excluded,
        counts,
        warnings,
        kept: AtomicU32::new(0),
    })
}

/// What was read.
struct Parts {
    probes: Vec<Probe>,
    rules: Vec<Rule>,
    excluded: PortSet,
    counts: Counts,
    warnings: Warnings,
}

impl<'f> Reader<'f> {
    fn new(file: &'f [u8]) -> Self {
        Self {
            file,
            line: 0,
            probes: Vec::new(),
            rules: Vec::new(),
            fallbacks: Vec::new(),
            excluded: None,
            services: HashMap::new(),
            counts: Counts::default(),
            warnings: Warnings::default(),
        }
    }

    fn line(&mut self, line: &'f [u8]) -> Result<(), Mistake> {
        let line = line.trim_ascii();
        if line.is_empty() || line.starts_with(b"#") {
            return Ok(());
        }
        let (word, rest) = piece::word(line);
        match word {
            b"Probe" => self.probe(rest),
            b"Exclude" => self.exclude(rest),
            b"match" => self.rule(rest, false),
            b"softmatch" => self.rule(rest, true),
            b"ports" | b"sslports" | b"rarity" | b"fallback" | b"totalwaitms" | b"tcpwrappedms" => {
                self.setting(word, rest)
            }
            _ => {
                self.warn(mistake!(
                    "{word} is no directive that is known; the line is passed over",
                    "{word} no es una directiva conocida; se omite la línea",
                    word = quoted(word)
                ));
                Ok(())
            }
        }
    }

    fn warn(&mut self, what: impl Into<Mistake>) {
        self.warnings.add(self.line, what);
    }

    /// All that was read; `None` where there is no TCP probe.
    fn finished(mut self) -> Option<Parts> {
        if self.probes.iter().all(|probe| probe.udp) {
            return None;
        }
        self.name_fallbacks();
        for probe in &self.probes {
            let (probes, rules) = if probe.udp {
                (&mut self.counts.udp_probes, &mut self.counts.udp_rules)
            } else {
                (&mut self.counts.probes, &mut self.counts.rules)
            };
            *probes += 1;
            *rules += probe.rules.len() as u32;
        }
        self.counts.warnings = self.warnings.all;
        Some(Parts {
            probes: self.probes,
            rules: self.rules,
            excluded: self.excluded.unwrap_or_else(PortSet::empty),
            counts: self.counts,
            warnings: self.warnings,
        })
    }

    /// Fallbacks by number, as a probe may be named before it comes. Where a name is of no TCP probe it may be of a UDP one, as nmap has it.
    fn name_fallbacks(&mut self) {
        for (probe, line, name) in std::mem::take(&mut self.fallbacks) {
            let known = |udp| {
                let is = |other: &Probe| other.udp == udp && other.name.as_bytes() == name;
                self.probes.iter().position(is)
            };
            match known(false).or_else(|| known(true)) {
                Some(other) => self.probes[probe].fallbacks.push(other),
                None => self.warnings.add(
                    line,
                    mistake!(
                        "the fallback {name} is no probe of this file, and is left out",
                        "el 'fallback' {name} no es ninguna sonda de este fichero, y se omite",
                        name = quoted(name)
                    ),
                ),
            }
        }
    }
}
