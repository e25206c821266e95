//! What nmap has no word for, as the fields of JSON Lines: of a port what proves its state, of a host what its ports show
//! together, and which of them were not tested.

use std::collections::BTreeSet;

use picaporte_core::{Close, Grade, State, Verdict};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::super::super::Header;
use super::super::super::header::Stamp;
use super::super::super::identified::words;
use super::super::super::record::{self, Port as Record};
use super::super::super::table::host::icmp_error;
use super::super::{Host, Rest, UNFINISHED, listed_reasons};
use crate::report::Lang;

/// The record's fields, but for its type.
pub(super) fn fields<T: Serialize>(record: &T) -> Map<String, Value> {
    match serde_json::to_value(record) {
        Ok(Value::Object(mut fields)) => {
            fields.remove("type");
            fields
        }
        _ => Map::new(),
    }
}

/// Those of these names that say anything.
fn some(mut all: Map<String, Value>, names: &[&str]) -> Map<String, Value> {
    let says = |value: &Value| !matches!(value, Value::Null | Value::Bool(false));
    let kept = names.iter().filter_map(|name| all.remove_entry(*name));
    kept.filter(|(_, value)| says(value)).collect()
}

/// What proves a port's state, and what is to be said of its TLS: a sentence that does not change from scan to scan, and the fields.
pub(super) fn of_port(header: &Header, verdict: &Verdict) -> (String, Map<String, Value>) {
    let record = fields(&Record::decided(header, verdict));
    let names = ["rtt_us", "attempts", "at", "evidence", "service"];
    let says = [Some(proof(header, verdict)), tls(header, verdict)];
    let says: Vec<_> = says.into_iter().flatten().collect();
    (says.join("; "), some(record, &names))
}

/// Which versions of TLS it accepts, whose certificate it has and until when, and what is to be said of that.
fn tls(header: &Header, verdict: &Verdict) -> Option<String> {
    let service = header.service(verdict.address, verdict.port)?;
    let tls = service.tls.as_ref()?;
    let certificate = tls.chain.own().map(|own| {
        let subject = own.subject.json();
        match Stamp::of_second(own.not_after) {
            Some(until) => format!("certificate of {subject} until {}", until.day()),
            None => format!("certificate of {subject}"),
        }
    });
    let remarks = words::remarked(header, Lang::En, verdict, tls);
    let says = words::versions(tls).into_iter().chain(certificate);
    let says: Vec<_> = says.chain(remarks).collect();
    (!says.is_empty()).then(|| says.join("; "))
}

fn proof(header: &Header, verdict: &Verdict) -> String {
    let seen = &verdict.evidence;
    let open = (verdict.state() == State::Open).then(|| match seen.grade {
        Some(Grade::Suspect(why)) => format!("suspect: {}", why.name()),
        Some(grade) => grade.name().to_owned(),
        None => "not watched to its end".to_owned(),
    });
    let reset = (seen.close == Some(Close::Reset)).then(|| "reset after the handshake".to_owned());
    let icmp = seen.icmp.map(|icmp| icmp_error(header, Lang::En, &icmp));
    let neighbour = seen.neighbour.then(|| "no neighbour".to_owned());
    let ambiguous = seen
        .ambiguous
        .then(|| "conn-refused or port-unreach, which this system does not tell".to_owned());
    let all = [open, reset, icmp, neighbour, ambiguous];
    let all: Vec<_> = all.into_iter().flatten().collect();
    if all.is_empty() {
        return verdict.reason.name().to_owned();
    }
    all.join(", ")
}

/// What is to be said of a host beside its ports; `None` if nothing is.
pub(super) fn of_host(header: &Header, host: &Host<'_>) -> Option<(String, Map<String, Value>)> {
    let told = host.report.map(|report| {
        let names = [
            "answers_everything",
            "policy",
            "differ",
            "rationed",
            "rejects",
            "slowed",
        ];
        some(fields(&record::Host::done(header, report)), &names)
    });
    let mut fields =
        told.unwrap_or_else(|| Map::from_iter([("unfinished".to_owned(), json!(true))]));
    fields.extend(untested(host).map(|fields| ("untested".to_owned(), fields)));
    let mixed = host.rest.iter().filter(|rest| rest.is_mixed());
    fields.extend(mixed.map(|rest: &Rest| {
        let ports = json!({"ports": rest.ports.to_string()});
        (rest.state.name().to_owned(), ports)
    }));
    fields.extend(zone(header, host).map(|zone| ("zone".to_owned(), json!(zone))));
    (!fields.is_empty()).then(|| (says(header, host, &fields), fields))
}

/// The zone of a link-local address: its name, or else its number.
fn zone(header: &Header, host: &Host<'_>) -> Option<String> {
    let scope = host.address.scope;
    let name = || header.zones.get(&scope).cloned();
    (scope != 0).then(|| name().unwrap_or_else(|| scope.to_string()))
}

fn untested(host: &Host<'_>) -> Option<Value> {
    let (ports, counts) = host.untested()?;
    let counts = counts.map(|(reason, count)| (reason.name().to_owned(), json!(count)));
    let reasons: Map<_, _> = counts.collect();
    Some(json!({"ports": ports.to_string(), "reasons": reasons}))
}

/// The same for people, without what changes from scan to scan.
fn says(header: &Header, host: &Host<'_>, fields: &Map<String, Value>) -> String {
    let mut says = Vec::new();
    if host.report.is_none() {
        says.push(UNFINISHED.to_owned());
    }
    if let Some((ports, counts)) = host.untested() {
        let reasons = listed_reasons(counts);
        says.push(format!("not tested ({reasons}): {ports}"));
    }
    if fields.contains_key("answers_everything") {
        says.push("answers on every port tried: its open ports say nothing".to_owned());
    }
    if let Some(Value::String(policy)) = fields.get("policy") {
        says.push(format!("by default {policy}"));
    }
    let rejects = host.report.map_or(&[][..], |report| &report.rejects);
    let rejects: BTreeSet<_> = (rejects.iter())
        .map(|(icmp, _)| icmp_error(header, Lang::En, icmp))
        .collect();
    if !rejects.is_empty() {
        let rejects: Vec<_> = rejects.into_iter().collect();
        says.push(format!("rejected by {}", rejects.join(", ")));
    }
    for mixed in host.rest.iter().filter(|rest| rest.is_mixed()) {
        let (state, ports) = (mixed.state.name(), &mixed.ports);
        says.push(format!("{state} for several reasons: {ports}"));
    }
    if let Some(Value::String(zone)) = fields.get("zone") {
        says.push(format!("zone {zone}"));
    }
    if fields.contains_key("slowed") {
        says.push("fell silent for a while, and was asked more slowly".to_owned());
    }
    says.join("; ")
}
