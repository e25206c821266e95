//! The page: one file of HTML for whoever asked for the scan, with no script and nothing from elsewhere.
//!
//! **How it is streamed.** A page begins with its answer, and a scan ends with it. So the rows of hosts are written as hosts
//! are done, in the file's middle, and the sections that need totals after them; a declarative shadow root of named slots puts
//! them in the order in which they are read. That order holds for the eye, for assistive technology and for printing, as all
//! of these go by the flat tree (CSS Scoping 1, section 3.1), which CSS's `order` would not give them. A browser from before
//! 2024 shows the appendix first. Where a scan was cut off the page says so, and has the hosts that were written by then.
//!
//! **What is kept.** Nothing of the plan's size. Hosts wait until a batch of [`hosts::BATCH`] is done, so that they stand in
//! order; the map keeps [`map::HOSTS`] hosts and networks, the evidence [`evidence::OPEN`] open ports and [`evidence::OTHER`]
//! others, and tells [`evidence::OPEN_BYTES`] and [`evidence::OTHER_BYTES`] of them at most; a page that is held against an
//! earlier scan keeps both ([`since`]). The appendix ends at [`hosts::MOST_BYTES`], so that no page is larger than a browser
//! opens at once. Whatever is beyond a bound is counted, and the page says what it folded.

use std::sync::Arc;

use maud::{DOCTYPE, Markup, PreEscaped, html};
use picaporte_core::locate::Located;
use picaporte_core::scan::HostReport;
use picaporte_core::{State, Verdict};
use picaporte_engine::Finding;

use super::firewalls::Firewalls;
use super::{Earlier, Header, Lang, Sink, Trailer};

mod coverage;
mod evidence;
mod firewalls;
mod hosts;
mod key;
mod map;
mod method;
mod ports;
mod scope;
mod since;
mod style;
#[cfg(test)]
mod tests;
mod text;
mod words;

use text::Outside;
use words::Words;

/// The sections in the order in which they are read.
const SLOTS: [&str; 12] = [
    "top",
    "answer",
    "nav",
    "coverage",
    "since",
    "ports",
    "map",
    "firewalls",
    "scope",
    "method",
    "cut",
    "hosts",
];

/// The most located ports that are listed.
const LOCATED: usize = 512;

/// The page of one scan.
pub(super) struct Page {
    header: Header,
    words: &'static Words,
    hosts: hosts::Hosts,
    evidence: evidence::Rows,
    listed: evidence::Rows,
    map: map::Map,
    seen: Seen,
    firewalls: Firewalls,
    located: Vec<Located>,
    /// Ports beyond [`LOCATED`].
    located_more: u64,
    /// The earlier scan that this one is held against, if one was given.
    since: Option<since::Since>,
}

/// What all hosts that are done come to.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    hosts: u64,
    /// With open ports that mean something.
    open_hosts: u64,
    slowed: u64,
    /// That answer everything, and their open ports.
    everything: (u64, u64),
}

impl Seen {
    fn add(&mut self, host: &HostReport) {
        self.hosts += 1;
        self.slowed += u64::from(host.slowed.is_some());
        if host.answers_everything {
            self.everything.0 += 1;
            self.everything.1 += u64::from(host.open.len());
        } else {
            self.open_hosts += u64::from(!host.open.is_empty());
        }
    }
}

/// What the sections after the last finding are made of.
#[derive(Clone, Copy)]
struct Told<'a> {
    header: &'a Header,
    trailer: &'a Trailer,
    words: &'static Words,
    seen: Seen,
    since: Option<&'a since::Compared>,
}

impl Page {
    /// Of a page that is to say what changed, the earlier scan too.
    pub(super) fn begin(
        header: Header,
        lang: Lang,
        earlier: Option<Arc<Earlier>>,
        out: &mut Vec<u8>,
    ) -> Self {
        let words = Words::of(lang);
        write(out, &head(&header, words, earlier.is_some()));
        write(out, &scope::section(&header, words));
        write(out, &html! { p.cut slot="cut" { (words.cut_off) } });
        out.extend_from_slice(b"<section slot=\"hosts\" id=\"hosts\">");
        write(out, &html! { h2 { (words.hosts) } });
        let mut hosts = hosts::Hosts::default();
        hosts.add_unresolved(&header, words, out);
        Self {
            since: earlier.map(|earlier| since::Since::begin(&header, earlier)),
            header,
            words,
            hosts,
            evidence: evidence::Rows::of(evidence::OPEN, evidence::OPEN_BYTES),
            listed: evidence::Rows::of(evidence::OTHER, evidence::OTHER_BYTES),
            map: map::Map::default(),
            seen: Seen::default(),
            firewalls: Firewalls::default(),
            located: Vec::new(),
            located_more: 0,
        }
    }

    fn port(&mut self, verdict: &Verdict) {
        if verdict.state() == State::Open {
            self.hosts.open(verdict);
            self.evidence.add(verdict);
        } else {
            self.listed.add(verdict);
        }
    }

    fn host(&mut self, host: &HostReport, out: &mut Vec<u8>) {
        self.seen.add(host);
        self.firewalls.add(host);
        self.map.add(host);
        if host.answers_everything {
            self.evidence.forget(host.address);
        }
        self.hosts.add(&self.header, self.words, host, out);
    }

    fn sections(&self, told: Told<'_>) -> Vec<Markup> {
        let opens = self.map.open_ports();
        let mut sections = vec![coverage::answer(told), coverage::section(told)];
        sections.extend(told.since.map(|since| since.section(told.words)));
        sections.extend([
            ports::section(told, &opens, &self.evidence, &self.listed),
            section(
                "map",
                told.words.map,
                self.map.render(told.header, told.words),
            ),
            firewalls::section(told, &self.firewalls, &self.located, self.located_more),
            method::section(told),
        ]);
        sections
    }
}

impl Sink for Page {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        if let Some(since) = &mut self.since {
            since.finding(&self.header, finding);
        }
        match finding {
            Finding::Port(verdict) => self.port(verdict),
            Finding::Host(host) => self.host(host, out),
            Finding::Opened { .. } | Finding::Decided(_) | Finding::End(_) => {}
        }
    }

    fn located(&mut self, found: &Located, _: &mut Vec<u8>) {
        if self.located.len() < LOCATED {
            self.located.push(found.clone());
        } else {
            self.located_more += 1;
        }
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        self.hosts.end(&self.header, self.words, out);
        out.extend_from_slice(b"</section>\n");
        let since = self.since.take();
        let since = since.map(|since| since.end(&trailer.account.tally));
        let told = Told {
            header: &self.header,
            trailer,
            words: self.words,
            seen: self.seen,
            since: since.as_ref(),
        };
        for section in self.sections(told) {
            write(out, &section);
        }
        out.extend_from_slice(b"</main>\n</body>\n</html>\n");
    }
}

/// Each piece ends a line, so that two pages can be compared.
fn write(out: &mut Vec<u8>, piece: &Markup) {
    out.extend_from_slice(piece.0.as_bytes());
    out.push(b'\n');
}

/// Everything before the first section that is not its own.
fn head(header: &Header, words: &Words, since: bool) -> Markup {
    let head = html! {
        (DOCTYPE)
        html lang=(words.lang.name()) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(style::policy());
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="referrer" content="no-referrer";
                title { (words.title) " " (Outside(&header.id)) }
                style { (PreEscaped(style::STYLE)) }
            }
            body {
                main {
                    template shadowrootmode="open" { @for name in SLOTS { slot name=(name) {} } }
                    (top(header, words, since))
                }
            }
        }
    };
    // What is left open here, the end closes.
    let open = head.0.strip_suffix("</main></body></html>");
    PreEscaped(open.expect("the template ends so").to_owned())
}

fn top(header: &Header, words: &Words, since: bool) -> Markup {
    let since = since.then_some(("since", words.since().nav));
    let places = [("coverage", words.coverage)].into_iter().chain(since);
    let places = places.chain([
        ("ports", words.ports),
        ("map", words.map),
        ("firewalls", words.firewalls),
        ("scope", words.scope),
        ("method", words.method),
        ("hosts", words.hosts),
    ]);
    html! {
        section.top slot="top" {
            h1 { (words.title) " · " span.nb { (format!("{:.0}", header.started)) } " · Picaporte " (Outside(&header.version)) }
        }
        nav slot="nav" aria-label=(words.contents) { ul { @for (id, name) in places { li { a href={"#" (id)} { (name) } } } } }
    }
}

fn section(id: &str, name: impl maud::Render, content: Markup) -> Markup {
    html! { section slot=(id) id=(id) { h2 { (name) } (content) } }
}

/// A term and what is said of it.
fn term(name: &str, says: Markup) -> Markup {
    html! { dt { (name) } dd { (says) } }
}
