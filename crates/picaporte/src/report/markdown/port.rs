//! One listed port as a row: its state, what proves it, and how far an open one can be believed.

use std::borrow::Cow;

use picaporte_core::{Close, Duration, Grade, Options, Peer, Reason, State, Suspicion, Verdict};
use picaporte_identify::service::Service;
use picaporte_identify::tls::Tls;

use super::super::encode::Untrusted;
use super::super::header::Stamp;
use super::super::identified::words;
use super::super::table::host::icmp_error;
use super::super::{Header, Lang};
use super::{code, title};
use crate::services;
use crate::words::nouns::{ATTEMPT, RETRANSMIT};

/// What stands above the rows.
pub(super) const fn heads(lang: Lang) -> &'static str {
    lang.either(
        "| host | port | state | service | grade | reason | round trip | evidence |\n\
         | --- | ---: | --- | --- | --- | --- | ---: | --- |\n",
        "| equipo | puerto | estado | servicio | grado | motivo | ida y vuelta | pruebas |\n\
         | --- | ---: | --- | --- | --- | --- | ---: | --- |\n",
    )
}

/// A port that was decided.
pub(super) fn row(header: &Header, lang: Lang, verdict: &Verdict) -> String {
    let host = title(header, verdict.address);
    let rtt = verdict.rtt.map(Duration::as_micros);
    let rtt = rtt.map(|micros| lang.round_trip(micros));
    let grade = match verdict.state() {
        State::Open => grade(lang, verdict.evidence.grade),
        _ => String::new(),
    };
    let found = header.service(verdict.address, verdict.port);
    let found = found.as_deref();
    let mut evidence = evidence(header, lang, verdict);
    if let Some(tls) = found.and_then(|found| found.tls.as_ref()) {
        evidence.extend(of_tls(header, lang, verdict, tls));
    }
    line(
        lang,
        &host,
        (verdict.port, verdict.reason),
        &service(header, lang, found, verdict),
        &grade,
        &rtt.unwrap_or_default(),
        &evidence.join("; "),
    )
}

/// A port of a name that has no address.
pub(super) fn unresolved(lang: Lang, name: &str, port: u16) -> String {
    let service = services::name(port).unwrap_or_default();
    let decided = (port, Reason::Unresolved);
    line(lang, &code(name), decided, service, "", "", "")
}

fn line(
    lang: Lang,
    host: &str,
    (port, reason): (u16, Reason),
    service: &str,
    grade: &str,
    rtt: &str,
    evidence: &str,
) -> String {
    let (state, reason) = (lang.state(reason.state()), reason.name());
    format!("| {host} | {port} | {state} | {service} | {grade} | {reason} | {rtt} | {evidence} |\n")
}

/// ``ssh `OpenSSH` `9.2p1` ``, where it was asked; else the usual name of the port.
fn service(header: &Header, lang: Lang, found: Option<&Service>, verdict: &Verdict) -> String {
    let at = (verdict.port, verdict.state());
    let name = words::called(header, found, at).map(Cow::into_owned);
    let product = found.map(|found| words::product(found, Untrusted::markdown));
    let hostname = found.and_then(|found| words::hostname(lang, found, Untrusted::markdown));
    let unknown = found.and_then(|found| words::unknown(lang, found, Untrusted::markdown));
    let product = product.filter(|said| !said.is_empty());
    let parts = [name, product, hostname, unknown];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// Which versions it accepts, whose certificate it has and until when, and what is to be said of that.
fn of_tls(header: &Header, lang: Lang, verdict: &Verdict, tls: &Tls) -> Vec<String> {
    let certificate = tls.chain.own().map(|own| {
        let subject = own.subject.markdown();
        let until = Stamp::of_second(own.not_after).map(Stamp::day);
        say!(
            lang,
            "certificate {subject} until {until}",
            "certificado {subject} hasta {until}",
            subject = subject,
            until = until.unwrap_or_else(|| "?".to_owned())
        )
    });
    let remarks = words::remarked(header, lang, verdict, tls).into_iter();
    let remarks = remarks.map(|remark| format!("**{remark}**"));
    let says = words::versions(tls).into_iter().chain(certificate);
    says.chain(remarks).collect()
}

/// `confirmed`, `suspect (answers-everything)`.
fn grade(lang: Lang, grade: Option<Grade>) -> String {
    let name = match grade {
        None => lang.either("not watched to its end", "sin observar hasta el final"),
        grade => lang.grades(grade, 1),
    };
    let why = grade.and_then(Grade::suspicion).map(Suspicion::name);
    why.map_or(name.to_owned(), |why| format!("{name} ({why})"))
}

/// What proves the state: `icmp 3/13 from 192.0.2.1; 3 attempts`.
fn evidence(header: &Header, lang: Lang, verdict: &Verdict) -> Vec<String> {
    let seen = &verdict.evidence;
    let parts = [
        seen.icmp.map(|icmp| code(&icmp_error(header, lang, &icmp))),
        seen.neighbour.then(|| {
            let text = lang.either(
                "no answer to ARP or neighbour discovery",
                "sin respuesta a ARP ni al descubrimiento de vecinos",
            );
            text.to_owned()
        }),
        seen.ambiguous.then(|| {
            let text = lang.either(
                "a RST or an ICMP port-unreachable, which this system does not tell",
                "un RST o un ICMP de puerto inalcanzable, que este sistema no distingue",
            );
            text.to_owned()
        }),
        seen.close.map(|how| close(lang, how)),
        seen.peer.map(|of| peer(lang, of)),
        (verdict.attempts > 1).then(|| lang.count(verdict.attempts.into(), ATTEMPT)),
        (seen.retransmits > 0).then(|| lang.count(seen.retransmits.into(), RETRANSMIT)),
    ];
    parts.into_iter().flatten().collect()
}

fn close(lang: Lang, close: Close) -> String {
    let how = close.name();
    say!(lang, "closed with {how}", "cierre con {how}", how = how)
}

/// What the SYN-ACK said of its sender: `options timestamps sack, window scale 7, mss 1448, window 65160`.
fn peer(lang: Lang, peer: Peer) -> String {
    let number = |label: &str, n: Option<u32>| n.map(|n| format!("{label} {n}"));
    let scale = lang.either("window scale", "escala de ventana");
    let parts = [
        peer.options.map(|of| options(lang, of)),
        number(scale, peer.window_scale.map(u32::from)),
        number("mss", peer.mss),
        number(lang.either("window", "ventana"), peer.window),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", ")
}

fn options(lang: Lang, options: Options) -> String {
    let names: Vec<_> = options.names().collect();
    if names.is_empty() {
        lang.either("no options", "sin opciones").to_owned()
    } else {
        let names = names.join(" ");
        say!(lang, "options {names}", "opciones {names}", names = names)
    }
}
