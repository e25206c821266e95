//! From the text of data files to [`Knowledge`], or to the line and word to mend.

mod examples;
mod fields;

use std::collections::HashMap;

use picaporte_core::PortSet;
use picaporte_toml::{At, Checked, Dates, Lines, Text, of_toml};
use toml::Spanned;

use super::probe::{Probe, ProbeId, pieces};
use super::recognize::Group;
use super::rule::{Next, Rule};
use super::{File, Knowledge, KnowledgeError, raw};
use super::{MOST_CPE, MOST_FILE, MOST_RULES, MOST_SEND, MOST_THEN};
use fields::{bytes, not_empty, own_or, pattern, platform, ports, service, starttls, text};

/// The word for what comes unasked.
const GREETING: &str = "greeting";
/// The word for a TLS connection in a rule's `then`.
const TLS: &str = "tls";

pub(super) fn read(files: &[(&str, &str)]) -> Result<Knowledge, KnowledgeError> {
    let mut reading = Reading::default();
    let mut raws = Vec::with_capacity(files.len());
    for (name, text) in files {
        raws.push(in_file(name, text, |text| reading.file(name, text))?);
    }
    let readers = reading.probes.len() + 1;
    reading.readers.resize_with(readers, Default::default);
    for (at, ((name, text), raw)) in files.iter().zip(&raws).enumerate() {
        in_file(name, text, |text| reading.rules(at, raw, &Lines::new(text)))?;
    }
    Ok(reading.knowledge())
}

/// The text of a file as it is for one that is parsed, without a byte order mark, and errors with its name.
fn in_file<T>(
    name: &str,
    text: &str,
    read: impl FnOnce(&str) -> Checked<T>,
) -> Result<T, KnowledgeError> {
    let told = |wrong| KnowledgeError::new(name, wrong);
    let text = picaporte_toml::text(
        text.as_bytes(),
        MOST_FILE,
        &Text::same("write a file for each service"),
    )
    .map_err(told)?;
    read(text).map_err(|at| told(at.in_text(text)))
}

#[derive(Default)]
struct Reading {
    files: Vec<File>,
    probes: Vec<Probe>,
    by_name: HashMap<String, ProbeId>,
    rules: Vec<Rule>,
    /// Guests and hosts that read the greeting, then each probe.
    readers: Vec<(Vec<usize>, Vec<usize>)>,
}

impl Reading {
    /// All of a file but its rules, which may speak of probes of later files.
    fn file(&mut self, name: &str, text: &str) -> Checked<raw::File> {
        let raw: raw::File =
            toml::from_str(text).map_err(|error| of_toml(&error, text, Dates::Days))?;
        not_empty("about", &raw.about)?;
        if raw
            .source
            .get_ref()
            .iter()
            .all(|source| source.trim().is_empty())
        {
            return Err(at(
                &raw.source,
                "'source' names nothing; name the specification that the file was written from",
            ));
        }
        service(&raw.service)?;
        let (plain, inside_tls) = (ports(raw.ports.as_ref())?, ports(raw.tls_ports.as_ref())?);
        for probe in &raw.probe {
            self.probe(probe.get_ref(), &plain, &inside_tls)?;
        }
        let greets = raw.example.iter().map(Spanned::get_ref).any(|example| {
            example.answers.get_ref() == GREETING
                && example.service.get_ref() == raw.service.get_ref()
        });
        self.files.push(File {
            name: name.into(),
            ports: plain,
            tls_ports: inside_tls,
            greets,
        });
        Ok(raw)
    }

    /// `plain` and `inside_tls` are the file's ports: a probe without its own has them.
    fn probe(&mut self, raw: &raw::Probe, plain: &PortSet, inside_tls: &PortSet) -> Checked<()> {
        let name = raw.name.get_ref();
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if name.is_empty()
            || name.len() > 32
            || !name.bytes().all(word)
            || [GREETING, TLS].contains(&&**name)
        {
            let what = format!(
                "'{name}' is no name of a probe; write 1 to 32 of a-z, 0-9 and '-', neither '{GREETING}' nor '{TLS}'"
            );
            return Err(at(&raw.name, what));
        }
        if let Some(rank) = raw
            .everywhere
            .as_ref()
            .filter(|rank| !(1..=9).contains(rank.get_ref()))
        {
            return Err(at(rank, "'everywhere' is a rank from 1 (asked first) to 9"));
        }
        if let Some(reason) = &raw.opt_in {
            not_empty("opt_in", reason)?;
        }
        let send = bytes("send", &raw.send, MOST_SEND)?;
        if send.is_empty() {
            return Err(at(&raw.send, "'send' is empty; a probe sends something"));
        }
        let alpn = raw
            .alpn
            .iter()
            .map(|text| bytes("alpn", text, 255).map(Vec::into_boxed_slice));
        let probe = Probe {
            name: name.as_str().into(),
            ports: own_or(raw.ports.as_ref(), plain)?,
            tls_ports: own_or(raw.tls_ports.as_ref(), inside_tls)?,
            inside_tls: raw.inside_tls.unwrap_or(true),
            everywhere: raw.everywhere.as_ref().map(|rank| *rank.get_ref()),
            opt_in: raw
                .opt_in
                .as_ref()
                .map(|text| text.get_ref().as_str().into()),
            alpn: alpn.collect::<Checked<_>>()?,
            send: pieces(&send),
            file: self.files.len(),
        };
        if self
            .by_name
            .insert(name.clone(), ProbeId(self.probes.len()))
            .is_some()
        {
            return Err(at(
                &raw.name,
                format!("there is another probe '{name}'; each has a name of its own"),
            ));
        }
        self.probes.push(probe);
        Ok(())
    }

    fn rules(&mut self, file: usize, raw: &raw::File, lines: &Lines<'_>) -> Checked<()> {
        for rule in &raw.rule {
            if self.rules.len() == MOST_RULES {
                return Err(at(
                    rule,
                    format!("more than {MOST_RULES} rules in all files"),
                ));
            }
            let (line, _) = lines.at(rule.span().start);
            self.read_by(file, rule.get_ref())?;
            let rule = self.rule(file, line, raw, rule.get_ref())?;
            self.rules.push(rule);
        }
        for example in &raw.example {
            self.reader(&example.get_ref().answers)?;
            examples::example(example.get_ref())?;
        }
        for not in &raw.not {
            self.reader(&not.get_ref().answers)?;
            examples::answer(&not.get_ref().bytes)?;
        }
        Ok(())
    }

    /// Notes which answers the next rule reads.
    fn read_by(&mut self, file: usize, raw: &raw::Rule) -> Checked<()> {
        let of_file = |probe: usize| self.probes[probe].file == file;
        let readers: Vec<usize> = match &raw.answers {
            None => (0..=self.probes.len())
                .filter(|&at| at == 0 || of_file(at - 1))
                .collect(),
            Some(names) if names.get_ref().is_empty() => {
                return Err(at(
                    names,
                    "'answers' is empty; name what the rule reads, or leave it out",
                ));
            }
            Some(names) => names
                .get_ref()
                .iter()
                .map(|name| self.reader(name))
                .collect::<Checked<_>>()?,
        };
        let rule = self.rules.len();
        for at in readers {
            let guest = at > 0 && self.probes[at - 1].file != file;
            let (guests, hosts) = &mut self.readers[at];
            let list = if guest { guests } else { hosts };
            if list.last() != Some(&rule) {
                list.push(rule);
            }
        }
        Ok(())
    }

    /// 0 for the greeting, else a probe's number and 1.
    fn reader(&self, name: &Spanned<String>) -> Checked<usize> {
        if name.get_ref() == GREETING {
            return Ok(0);
        }
        self.known(name).map(|probe| probe.0 + 1)
    }

    fn known(&self, name: &Spanned<String>) -> Checked<ProbeId> {
        let known = self.by_name.get(name.get_ref()).copied();
        known.ok_or_else(|| at(name, format!("there is no probe '{}'", name.get_ref())))
    }

    fn rule(
        &self,
        file: usize,
        line: usize,
        raw_file: &raw::File,
        raw: &raw::Rule,
    ) -> Checked<Rule> {
        if raw.then.len() > MOST_THEN {
            return Err(at(
                &raw.then[MOST_THEN],
                format!("more than {MOST_THEN} probes in 'then'"),
            ));
        }
        if raw.cpe.len() > MOST_CPE {
            return Err(at(
                &raw.cpe[MOST_CPE],
                format!("more than {MOST_CPE} names in 'cpe'"),
            ));
        }
        let next = |name: &Spanned<String>| match name.get_ref().as_str() {
            TLS => Ok(Next::Tls),
            _ => self.known(name).map(Next::Probe),
        };
        Ok(Rule {
            file,
            line,
            pattern: pattern(&raw.pattern)?,
            service: service(raw.service.as_ref().unwrap_or(&raw_file.service))?,
            product: text(raw.product.as_ref())?,
            version: text(raw.version.as_ref())?,
            extra: text(raw.extra.as_ref())?,
            hostname: text(raw.hostname.as_ref())?,
            cpe: raw.cpe.iter().map(platform).collect::<Checked<_>>()?,
            weak: raw.weak,
            then: raw.then.iter().map(next).collect::<Checked<_>>()?,
            starttls: starttls(raw)?,
        })
    }

    fn knowledge(self) -> Knowledge {
        let ranked = self
            .probes
            .iter()
            .enumerate()
            .filter_map(|(at, probe)| Some((probe.everywhere?, at)));
        let mut everywhere: Vec<_> = ranked.collect();
        everywhere.sort_unstable();
        Knowledge {
            groups: self
                .readers
                .into_iter()
                .map(|(guests, hosts)| Group::new(guests, hosts))
                .collect(),
            everywhere: everywhere.into_iter().map(|(_, at)| ProbeId(at)).collect(),
            probes: self.probes,
            rules: self.rules,
            files: self.files,
        }
    }
}

/// A mistake in a data file, which only those read who write one: in English alone.
fn at<T>(place: &Spanned<T>, what: impl Into<String>) -> At {
    At::place(place, Text::same(what))
}
