//! nmap's grepable format (`-oG`): a line a host, its fields divided by tabs. What it has no field for stands in comments, which
//! its readers pass over. A file that does not end with `# Picaporte done` or `# Picaporte NOT done` was cut off.

use std::fmt::Write as _;

use picaporte_core::{Address, PortSet};
use picaporte_engine::Finding;

use super::super::encode::Untrusted;
use super::super::header::Stamp;
use super::super::identified::words;
use super::super::{Header, Lang, Sink, Trailer, encode};
use super::service::Service;
use super::{Host, Hosts, NAME, Port, Status, UNFINISHED, UnderWay};
use super::{elapsed, listed_reasons, missing, written_out};
use crate::words::nouns::{HOST, PORT};

pub(in super::super) struct Grepable {
    header: Header,
    under_way: UnderWay,
    hosts: Hosts,
}

impl Grepable {
    pub(in super::super) fn begin(header: Header, out: &mut Vec<u8>) -> Self {
        out.extend_from_slice(beginning(&header).as_bytes());
        Self {
            header,
            under_way: UnderWay::default(),
            hosts: Hosts::default(),
        }
    }

    fn host(&mut self, host: &Host<'_>, out: &mut Vec<u8>) {
        self.hosts.count(host.status);
        out.extend_from_slice(lines(&self.header, host).as_bytes());
    }
}

impl Sink for Grepable {
    fn finding(&mut self, finding: &Finding, out: &mut Vec<u8>) {
        if let Some(host) = self.under_way.take(finding) {
            self.host(&host, out);
        }
    }

    fn end(&mut self, trailer: &Trailer, out: &mut Vec<u8>) {
        for host in self.under_way.unfinished() {
            self.host(&host, out);
        }
        out.extend_from_slice(end(&self.hosts, trailer).as_bytes());
    }
}

fn beginning(header: &Header) -> String {
    let at = written_out(Stamp::from(header.started));
    // A comment has no fields: it can be read, and pasted.
    let args = header.args.join(" ");
    let args = encode::terminal(&args);
    let version = encode::grepable(&header.version);
    let mut text = format!("# {NAME} {version} scan initiated {at} as: picaporte {args}\n");
    let ports = header.plan.planned_ports();
    let _ = writeln!(
        text,
        "# Ports scanned: TCP({};{ports}) UDP(0;) SCTP(0;) PROTOCOLS(0;)",
        ports.len()
    );
    for unresolved in header.plan.unresolved() {
        let name = encode::grepable(&unresolved.name);
        let ports = untested(&unresolved.ports, "unresolved");
        let _ = writeln!(text, "# {name}: no address was found: {ports}");
    }
    text
}

/// What is untested of a host, or of a name.
fn untested(ports: &PortSet, why: &str) -> String {
    format!(
        "{} untested ({why}): {ports}",
        Lang::En.count(ports.len().into(), PORT)
    )
}

/// The line of its status, that of its ports, and what has no field.
fn lines(header: &Header, host: &Host<'_>) -> String {
    let address = encode::grepable(&header.named(host.address).to_string());
    let name = name(header, host.address);
    let mut text = String::new();
    if let Some(status) = status(host.status) {
        let _ = writeln!(text, "Host: {address} ({name})\tStatus: {status}");
    }
    let fields = fields(header, host);
    if !fields.is_empty() {
        let _ = writeln!(text, "Host: {address} ({name})\t{}", fields.join("\t"));
    }
    for comment in comments(host) {
        let _ = writeln!(text, "# {address}: {comment}");
    }
    text
}

/// The name that the user asked by; where there is none, as by nmap, what the reverse DNS says.
fn name(header: &Header, address: Address) -> String {
    let asked = header.names(address).first();
    let asked = asked.map(|name| encode::grepable(name));
    let reverse = || header.reverse(address).first().map(Untrusted::grepable);
    asked.or_else(reverse).unwrap_or_default()
}

/// Of a host that was not tested there is no word that would not be a verdict.
const fn status(status: Status) -> Option<&'static str> {
    match status {
        Status::Answered(_) | Status::Assumed => Some("Up"),
        Status::Silent => Some("Down"),
        Status::NotTested(_) => None,
    }
}

fn fields(header: &Header, host: &Host<'_>) -> Vec<String> {
    let ports = host.ports.iter();
    let ports: Vec<_> = ports.map(|each| port(header, host.address, each)).collect();
    let any = !ports.is_empty() || !host.rest.is_empty();
    let ports = any.then(|| format!("Ports: {}", ports.join(", ")));
    // Two of them have no place in one line.
    let ignored = match &host.rest[..] {
        [one] => Some(format!(
            "Ignored State: {} ({})",
            one.state.name(),
            one.ports.len()
        )),
        _ => None,
    };
    ports.into_iter().chain(ignored).collect()
}

/// `22/open/tcp//ssh//OpenSSH 9.2p1/`: port, state, protocol, owner, service, RPC, version. As by nmap, `ssl|` stands before what is spoken inside TLS, and a question
/// mark behind a name that is only the usual one of a port that was asked.
fn port(header: &Header, address: Address, port: &Port) -> String {
    let found = header.service(address, port.number());
    let service = Service::of(found.as_deref(), port.number());
    let service = service.map(|service| {
        let tunnel = if service.tunnel { "ssl|" } else { "" };
        let guess = if service.guess { "?" } else { "" };
        format!(
            "{tunnel}{}{guess}",
            barred(&encode::grepable(&service.name))
        )
    });
    let version = found.map(|found| barred(&words::product(&found, Untrusted::grepable)));
    format!(
        "{}/{}/tcp//{}//{}/",
        port.number(),
        port.state().name(),
        service.unwrap_or_default(),
        version.unwrap_or_default()
    )
}

/// As nmap has it, a bar stands for a slash, which would divide.
fn barred(field: &str) -> String {
    field.replace("\\u{2f}", "|")
}

fn comments(host: &Host<'_>) -> Vec<String> {
    let mut comments = Vec::new();
    if host.rest.len() > 1 {
        let each = host.rest.iter();
        let each = each.map(|rest| format!("{} {}", rest.ports.len(), rest.state.name()));
        let each: Vec<_> = each.collect();
        comments.push(format!("not listed: {}", each.join(", ")));
    }
    if let Some((ports, counts)) = host.untested() {
        comments.push(untested(ports, &listed_reasons(counts)));
    }
    if host.report.is_none() {
        comments.push(UNFINISHED.to_owned());
    }
    comments
}

fn end(hosts: &Hosts, trailer: &Trailer) -> String {
    let at = written_out(Stamp::from(trailer.finished));
    let scanned = format!(
        "{} IP address{} ({} up) scanned in {} seconds",
        hosts.all,
        if hosts.all == 1 { "" } else { "es" },
        Lang::En.count(hosts.up, HOST),
        elapsed(trailer)
    );
    match missing(trailer) {
        None => format!("# {NAME} done at {at} -- {scanned}\n"),
        Some(why) => format!("# {NAME} NOT done at {at} -- {why} -- {scanned}\n"),
    }
}
