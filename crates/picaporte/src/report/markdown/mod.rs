//! A document in Markdown, with the tables of GitHub's: for a ticket, a wiki, a merge request.
//!
//! It is written as the scan goes on: what is listed of a host when that is done, everything that only the end can know at the end. So
//! the summary comes last, and the last line says whether the scan is complete; a document without it was cut off. Everything that
//! comes from outside stands in a code span, where nothing is a link, a picture or a tag.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use picaporte_core::locate::Located;
use picaporte_core::scan::HostReport;
use picaporte_core::verdict::States;
use picaporte_core::{Address, State, Verdict};
use picaporte_engine::Finding;

use super::firewalls::Firewalls;
use super::header::Stamp;
use super::located::words::sentence;
use super::table::planned;
use super::table::text::drawn;
use super::{Header, Lang, Sink, Trailer, encode, scope};

mod hosts;
mod port;
mod summary;

use hosts::Hosts;
#[cfg(test)]
pub(super) use hosts::{OPEN, OTHERS};

/// Up to how many names of a host are told; JSON has them all.
const NAMES: usize = 4;
/// Up to how many listed ports wait for their hosts to be done. Beyond that they are written as they come, in pieces.
pub(super) const HELD: usize = 16_384;

pub(super) struct Markdown {
    header: Header,
    lang: Lang,
    /// Listed ports of hosts that are not done.
    listed: BTreeMap<Address, Vec<Verdict>>,
    /// How many they are.
    held: usize,
    /// A port was written.
    any: bool,
    hosts: Hosts,
    firewalls: Firewalls,
    located: Vec<Located>,
}

impl Markdown {
    pub(super) fn begin(header: Header, lang: Lang, out: &mut Vec<u8>) -> Self {
        let mut markdown = Self {
            header,
            lang,
            listed: BTreeMap::new(),
            held: 0,
            any: false,
            hosts: Hosts::new(lang),
            firewalls: Firewalls::default(),
            located: Vec::new(),
        };
        let mut text = beginning(&markdown.header, lang);
        markdown.unresolved(&mut text);
        out.extend(text.as_bytes());
        markdown
    }

    /// Ports of names without an address: the scan itself never meets them.
    fn unresolved(&mut self, text: &mut String) {
        let rows = self.header.listed_unresolved();
        let rows: Vec<_> = rows
            .map(|(name, port)| port::unresolved(self.lang, name, port))
            .collect();
        self.rows(rows.into_iter(), text);
    }

    fn host(&mut self, host: &HostReport, text: &mut String) {
        let mut listed = self.listed.remove(&host.address).unwrap_or_default();
        self.held -= listed.len();
        if host.answers_everything {
            // The host's own row stands for them all.
            listed.retain(|verdict| verdict.state() != State::Open);
        }
        self.ports(listed, text);
        self.firewalls.add(host);
        self.hosts.add(&self.header, host);
    }

    fn ports(&mut self, mut listed: Vec<Verdict>, text: &mut String) {
        listed.sort_unstable_by_key(|verdict| verdict.port);
        let rows: Vec<_> = listed
            .iter()
            .map(|verdict| port::row(&self.header, self.lang, verdict))
            .collect();
        self.rows(rows.into_iter(), text);
    }

    fn rows(&mut self, rows: impl Iterator<Item = String>, text: &mut String) {
        for row in rows {
            if !std::mem::replace(&mut self.any, true) {
                text.push_str(port::heads(self.lang));
            }
            text.push_str(&row);
        }
    }

    /// Holds a port back until its host is done, if there is room for that.
    fn port(&mut self, verdict: &Verdict, text: &mut String) {
        self.listed
            .entry(verdict.address)
            .or_default()
            .push(*verdict);
        self.held += 1;
        if self.held >= HELD {
            self.unfinished(text);
        }
    }

    /// Ports of hosts that are not done, some of which may never be: nothing found is kept back.
    fn unfinished(&mut self, text: &mut String) {
        self.held = 0;
        for (_, listed) in std::mem::take(&mut self.listed) {
            self.ports(listed, text);
        }
    }

    fn ways(&self, text: &mut String) {
        if self.located.is_empty() {
            return;
        }
        let lang = self.lang;
        text.push_str(lang.either(
            "\n## Where ports are answered\n\n| host | port | where |\n| --- | ---: | --- |\n",
            "\n## Dónde se responde a los puertos\n\n| equipo | puerto | dónde |\n| --- | ---: | --- |\n",
        ));
        for found in &self.located {
            let host = title(&self.header, found.address);
            let says = sentence(lang, found, &|address| {
                self.header.named(address).to_string()
            });
            let _ = writeln!(text, "| {host} | {} | {} |", found.port, code(&says));
        }
    }
}

impl Sink for Markdown {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        let mut text = String::new();
        match finding {
            Finding::Port(verdict) => self.port(verdict, &mut text),
            Finding::Host(host) => self.host(host, &mut text),
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => {}
        }
        out.extend(text.as_bytes());
    }

    fn located(&mut self, found: &Located, _: &mut Vec<u8>) {
        self.located.push(found.clone());
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        let mut text = String::new();
        self.unfinished(&mut text);
        if !self.any {
            text.push_str(self.lang.either("None.\n", "Ninguno.\n"));
        }
        self.hosts.write(&mut text);
        summary::firewalls(&self.header, self.lang, &self.firewalls, &mut text);
        self.ways(&mut text);
        let hosts = self.hosts.told();
        summary::write(&self.header, self.lang, trailer, hosts, &mut text);
        out.extend(text.as_bytes());
    }
}

/// Which scan this is, what it plans and by whose leave; then the heading of the ports.
fn beginning(header: &Header, lang: Lang) -> String {
    let mut text = say!(
        lang,
        "# Picaporte scan {id}\n\n| | |\n| --- | --- |\n",
        "# Escaneo de Picaporte {id}\n\n| | |\n| --- | --- |\n",
        id = code(&header.id)
    );
    let command = format!("picaporte {}", header.args.join(" "));
    let scope = scope::sentence(header, lang).map(|scope| code(&drawn(&scope)));
    for (label, cell) in [
        (lang.either("command", "orden"), Some(code(&command))),
        (
            lang.either("version", "versión"),
            Some(code(&header.version)),
        ),
        (
            lang.either("started", "inicio"),
            Some(Stamp::from(header.started).to_string()),
        ),
        (
            lang.either("planned", "previsto"),
            Some(planned(header, lang)),
        ),
        (lang.either("scope", "alcance"), scope),
    ] {
        if let Some(cell) = cell {
            let _ = writeln!(text, "| {label} | {cell} |");
        }
    }
    let only_open = header.plan.settings().show == States::OPEN;
    text.push_str(&say!(
        lang,
        "\nThe last line says whether this is all of it; without one it was cut off.\n\n## {ports}\n\n",
        "\nLa última línea dice si esto es todo; si falta, el documento quedó a medias.\n\n## {ports}\n\n",
        ports = if only_open {
            lang.either("Open ports", "Puertos abiertos")
        } else {
            lang.either("Ports", "Puertos")
        }
    ));
    text
}

fn code(text: &str) -> String {
    encode::markdown(text)
}

/// The address, its names, and what the reverse DNS calls it, each in a code span.
fn title(header: &Header, address: Address) -> String {
    let mut title = code(&header.named(address).to_string());
    let names = header.names(address);
    for name in names.iter().take(NAMES) {
        let _ = write!(title, " {}", code(name));
    }
    if names.len() > NAMES {
        title.push_str(" …");
    }
    for name in header.reverse(address).iter() {
        let _ = write!(title, " PTR {}", name.markdown());
    }
    title
}
