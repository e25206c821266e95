//! nmap's XML (`-oX`), valid by nmap's own DTD but for the scanner's name, which that has fixed: each host in one piece when it
//! is done. Everything that JSON Lines has beside stands in `<script>` elements called `picaporte`, with the same fields.
//!
//! A document that does not end with `</nmaprun>` was cut off. No place has two script elements: ndiff 7.93 fails on that.

use picaporte_core::locate::Located;
use picaporte_core::{PortSet, State};
use picaporte_engine::Finding;

use super::super::firewalls::Firewalls;
use super::super::header::Stamp;
use super::super::record::{End, Scan};
use super::super::{Header, Lang, Sink, Trailer, located};
use super::{Hosts, NAME, UnderWay, elapsed, missing, written_out};

mod element;
mod fields;
mod host;

use element::Out;
use fields::fields;

/// What our script elements are called.
const SCRIPT: &str = "picaporte";

/// Which version of its output nmap 7.80 and later write.
const OUTPUT_VERSION: &str = "1.05";

pub(in super::super) struct Xml {
    header: Header,
    under_way: UnderWay,
    hosts: Hosts,
    firewalls: Firewalls,
}

impl Xml {
    /// `strict` calls the scanner `nmap`, which is all that the DTD allows.
    pub(in super::super) fn begin(header: Header, strict: bool, out: &mut Vec<u8>) -> Self {
        open(&header, strict, &mut Out::document(out));
        beginning(&header, &mut Out::new(out));
        Self {
            header,
            under_way: UnderWay::default(),
            hosts: Hosts::default(),
            firewalls: Firewalls::default(),
        }
    }

    fn host(&mut self, host: &super::Host<'_>, out: &mut Vec<u8>) {
        self.hosts.count(host.status);
        if let Some(report) = host.report {
            self.firewalls.add(report);
        }
        host::write(&self.header, host, &mut Out::new(out));
    }
}

impl Sink for Xml {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        if let Some(host) = self.under_way.take(finding) {
            self.host(&host, out);
        }
    }

    fn located(&mut self, found: &Located, out: &mut Vec<u8>) {
        let port = located::Port::of(&self.header, Lang::En, found);
        let at = self.header.named(found.address).with_port(found.port);
        let says = format!("{at}: {}", port.says);
        Out::new(out).with("postscript", &[], |out| {
            out.script("picaporte-located", &says, &fields(&port));
        });
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        for host in self.under_way.unfinished() {
            self.host(&host, out);
        }
        let end = End::new(&self.header, trailer, self.hosts.all, &self.firewalls);
        let mut out = Out::new(out);
        out.with("postscript", &[], |out| {
            out.script(SCRIPT, &account(trailer), &fields(&end));
        });
        stats(&self.hosts, trailer, &mut out);
        out.close("nmaprun");
    }
}

fn open(header: &Header, strict: bool, out: &mut Out<'_>) {
    let started = Stamp::from(header.started);
    out.open(
        "nmaprun",
        &[
            ("scanner", &(if strict { "nmap" } else { SCRIPT })),
            ("args", &format!("picaporte {}", header.args.join(" "))),
            ("start", &header.started.as_second()),
            ("startstr", &written_out(started)),
            ("version", &header.version),
            ("xmloutputversion", &OUTPUT_VERSION),
        ],
    );
}

/// Everything before the first host.
fn beginning(header: &Header, out: &mut Out<'_>) {
    scan_info(&header.plan.planned_ports(), out);
    out.empty("verbose", &[("level", &0)]);
    out.empty("debugging", &[("level", &0)]);
    out.with("prescript", &[], |out| {
        let says = format!(
            "written by {NAME}; ports that were not tested are no ports of a host here, and are told in scripts of this name"
        );
        out.script(SCRIPT, &says, &fields(&Scan::new(header)));
    });
    for unresolved in header.plan.unresolved() {
        out.empty(
            "target",
            &[
                ("specification", &unresolved.name),
                ("status", &"skipped"),
                ("reason", &"invalid"),
            ],
        );
    }
}

/// All ports that any host was to be asked.
fn scan_info(ports: &PortSet, out: &mut Out<'_>) {
    out.empty(
        "scaninfo",
        &[
            ("type", &"connect"),
            ("protocol", &"tcp"),
            ("numservices", &ports.len()),
            ("services", ports),
        ],
    );
}

/// planned = tested + untested, in words.
fn account(trailer: &Trailer) -> String {
    let tally = &trailer.account.tally;
    let counts = &tally.counts;
    let each = State::ALL.map(|state| format!("{} {}", state.name(), counts.in_state(state)));
    format!("planned {} = {}", tally.planned, each.join(" + "))
}

fn stats(hosts: &Hosts, trailer: &Trailer, out: &mut Out<'_>) {
    let at = Stamp::from(trailer.finished);
    let (seconds, text, elapsed) = (at.second(), written_out(at), elapsed(trailer));
    let missing = missing(trailer);
    let summary = summary(hosts, trailer, missing.as_deref());
    let mut finished: Vec<(&str, &dyn std::fmt::Display)> = vec![
        ("time", &seconds),
        ("timestr", &text),
        ("summary", &summary),
        ("elapsed", &elapsed),
    ];
    match &missing {
        None => finished.push(("exit", &"success")),
        Some(why) => finished.extend([
            ("errormsg", why as &dyn std::fmt::Display),
            ("exit", &"error"),
        ]),
    }
    out.with("runstats", &[], |out| {
        out.empty("finished", &finished);
        out.empty(
            "hosts",
            &[
                ("up", &hosts.up),
                ("down", &hosts.down),
                ("total", &hosts.all),
            ],
        );
    });
}

fn summary(hosts: &Hosts, trailer: &Trailer, missing: Option<&str>) -> String {
    format!(
        "{NAME} done at {}; {} hosts told, {} up; {}; {}",
        written_out(Stamp::from(trailer.finished)),
        hosts.all,
        hosts.up,
        account(trailer),
        missing.unwrap_or("complete")
    )
}
