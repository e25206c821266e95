//! What is said to people of a service: its name, what it says of itself, and what an auditor should know of its TLS. In each language, for every output; texts of
//! the network go through the encoder that each output hands in.

use std::borrow::Cow;

use picaporte_core::{Address, Instant, State, Verdict};
use picaporte_identify::service::Service;
use picaporte_identify::tls::{Details, SelfSigned, Tls, TlsVersion};

use super::super::Trailer;
use super::super::encode::Untrusted;
use super::super::header::Stamp;
use super::super::record::service::asked;
use super::super::{Header, Lang};
use super::IdentifiedCounts;
use crate::services;
use crate::words::nouns::{CONNECTION, OPEN_PORT};

#[cfg(test)]
mod tests;

/// `ssh`, or `tls/http` for what is spoken inside TLS from the first byte on.
pub(in crate::report) fn name(service: &Service) -> Option<String> {
    let name = service.name.as_ref()?;
    Some(if service.is_tunnelled() {
        format!("tls/{name}")
    } else {
        name.to_string()
    })
}

/// What stands for the service in a table: what was found to listen there, or else the name that is registered for the port. Where open ports are asked what they are,
/// a question mark says that this is no answer. `None`: the port has no name either.
pub(in crate::report) fn called(
    header: &Header,
    service: Option<&Service>,
    (port, state): (u16, State),
) -> Option<Cow<'static, str>> {
    let found = service.and_then(name).map(Cow::Owned);
    let guess = state == State::Open && header.identified.has_begun();
    let usual = |usual| {
        if guess {
            Cow::Owned(format!("{usual}?"))
        } else {
            Cow::Borrowed(usual)
        }
    };
    found.or_else(|| services::name(port).map(usual))
}

/// Product, version and what else it says: `OpenSSH 9.2p1 (protocol 2.0)`, each through the encoder; empty where it says nothing.
pub(in crate::report) fn product(
    service: &Service,
    encode: impl Fn(&Untrusted) -> String,
) -> String {
    let version = service.version.as_ref();
    let version = version.map(|version| Untrusted::new(version.as_str()));
    let extra = service.extra.as_ref();
    let parts = [
        service.product.as_ref().map(&encode),
        version.as_ref().map(&encode),
        extra.map(|extra| format!("({})", encode(extra))),
    ];
    parts.into_iter().flatten().collect::<Vec<_>>().join(" ")
}

/// The name that it gives itself: `calls itself mail.example.org`.
pub(in crate::report) fn hostname(
    lang: Lang,
    service: &Service,
    encode: impl Fn(&Untrusted) -> String,
) -> Option<String> {
    let name = encode(service.hostname.as_ref()?);
    let calls = lang.either("calls itself", "dice llamarse");
    Some(format!("{calls} {name}"))
}

/// The most bytes of an answer that is not known which people are shown; JSON has more of it.
const ANSWERED: usize = 48;

/// That no rule knows what came, and how it begins: `unknown; answered: "HELLO 7"`, where whoever encodes puts the quotes; or that it was asked, and nothing came. `None`
/// where the service is known, or nothing of it but TLS.
pub(in crate::report) fn unknown(
    lang: Lang,
    service: &Service,
    encode: impl Fn(&Untrusted) -> String,
) -> Option<String> {
    if let Some(silent) = silent(lang, service) {
        return Some(silent.to_owned());
    }
    let excerpt = service
        .excerpt
        .as_ref()
        .filter(|_| service.name.is_none())?;
    Some(say!(
        lang,
        "unknown; answered: {came}",
        "desconocido; respondió: {came}",
        came = encode(&excerpt.line(ANSWERED))
    ))
}

/// That a port was asked, and nothing came; so it is told from one that was not asked.
pub(in crate::report) fn silent(lang: Lang, service: &Service) -> Option<&'static str> {
    let nothing = service.name.is_none() && service.excerpt.is_none() && service.tls.is_none();
    nothing.then(|| lang.either("asked, said nothing", "preguntado, no dijo nada"))
}

/// `TLS 1.2, TLS 1.3`: those that it accepts; `None` where none is known.
pub(in crate::report) fn versions(tls: &Tls) -> Option<String> {
    joined(tls.versions.accepted())
}

fn joined(versions: impl Iterator<Item = TlsVersion>) -> Option<String> {
    let names: Vec<_> = versions.map(|version| version.to_string()).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

/// What an auditor should know of a service's TLS. It holds no text of the network.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Remark {
    /// It accepts versions that RFC 8996 and RFC 7568 forbid.
    Old(String),
    /// The certificate is good no longer, since this moment.
    Expired(Option<Stamp>),
    /// It is not good yet, until this moment.
    NotYetValid(Option<Stamp>),
    /// It is signed by its own key.
    SelfSigned,
    /// It names itself as its issuer, and its signature is of a kind that is not checked.
    OwnIssuer,
    /// It is good for other names than the one that the port was asked by.
    OtherNames,
    /// It can't be read.
    Unreadable,
}

/// The remarks on a port's TLS, in words; empty where there are none.
pub(in crate::report) fn remarked(
    header: &Header,
    lang: Lang,
    verdict: &Verdict,
    tls: &Tls,
) -> Vec<String> {
    let remarks = remarks(header, verdict.address, verdict.at, tls);
    remarks.iter().map(|remark| remark.says(lang)).collect()
}

/// The remarks on a port, asked at that moment.
fn remarks(header: &Header, address: Address, at: Instant, tls: &Tls) -> Vec<Remark> {
    let old = |version: &TlsVersion| *version < TlsVersion::Tls12;
    let old = joined(tls.versions.accepted().filter(old)).map(Remark::Old);
    let mut remarks: Vec<_> = old.into_iter().collect();
    if let Some(own) = tls.chain.certificates.first() {
        match &own.details {
            Some(details) => remarks.extend(of_certificate(header, address, at, details)),
            None => remarks.push(Remark::Unreadable),
        }
    }
    remarks
}

/// Few certificates hold an address: that one does not is a remark only where a name was asked for.
fn of_certificate(
    header: &Header,
    address: Address,
    at: Instant,
    details: &Details,
) -> impl Iterator<Item = Remark> {
    let now = header.second(at);
    let named = !header.names(address).is_empty();
    let others = named && details.matches(&asked(header, address)) == Some(false);
    let own = match details.self_signed {
        SelfSigned::No => None,
        SelfSigned::Yes => Some(Remark::SelfSigned),
        SelfSigned::Unproven => Some(Remark::OwnIssuer),
    };
    let expired = details.is_expired(now);
    let early = details.is_not_yet_valid(now);
    [
        expired.then(|| Remark::Expired(Stamp::of_second(details.not_after))),
        early.then(|| Remark::NotYetValid(Stamp::of_second(details.not_before))),
        own,
        others.then_some(Remark::OtherNames),
    ]
    .into_iter()
    .flatten()
}

impl Remark {
    /// In words: `certificate expired on 2025-12-31`.
    fn says(&self, lang: Lang) -> String {
        let fixed = match self {
            Self::Old(versions) => {
                return say!(lang, "accepts {v}", "acepta {v}", v = versions);
            }
            Self::Expired(Some(at)) => {
                return say!(
                    lang,
                    "certificate expired on {day}",
                    "certificado caducado el {day}",
                    day = at.day()
                );
            }
            Self::NotYetValid(Some(at)) => {
                return say!(
                    lang,
                    "certificate not valid before {day}",
                    "certificado no válido antes del {day}",
                    day = at.day()
                );
            }
            Self::Expired(None) => ["certificate expired", "certificado caducado"],
            Self::NotYetValid(None) => ["certificate not yet valid", "certificado aún no válido"],
            Self::SelfSigned => ["self-signed certificate", "certificado autofirmado"],
            Self::OwnIssuer => [
                "certificate names itself as its issuer",
                "certificado que se nombra a sí mismo como emisor",
            ],
            Self::OtherNames => [
                "certificate for other names than the one asked for",
                "certificado para nombres distintos del solicitado",
            ],
            Self::Unreadable => [
                "certificate that can't be read",
                "certificado que no se puede leer",
            ],
        };
        lang.either(fixed[0], fixed[1]).to_owned()
    }
}

/// `identified 4 of 5 open ports, 7 connections`; how many were not asked, where some were not.
pub(in crate::report) fn counts(lang: Lang, counts: &IdentifiedCounts) -> String {
    let all = counts.all();
    let text = say!(
        lang,
        "identified {n} of {all}, {connections}",
        "identificados {n} de {all}, {connections}",
        n = lang.number(counts.identified),
        all = lang.count(all, OPEN_PORT),
        connections = lang.count(counts.connections, CONNECTION)
    );
    if counts.not_asked == 0 {
        return text;
    }
    say!(
        lang,
        "{text}; {n} not asked{alone}",
        "{text}; {n} sin preguntar{alone}",
        text = text,
        n = lang.number(counts.not_asked),
        alone = left_alone(lang, counts)
    )
}

/// Why ports of printers and machines were not asked, to stand behind how many were not; empty where there were none.
pub(in crate::report) fn left_alone(lang: Lang, counts: &IdentifiedCounts) -> String {
    let some = match counts.left_alone {
        0 => return String::new(),
        all if all == counts.not_asked => String::new(),
        n => say!(lang, " {n} of them", " {n} de ellos", n = lang.number(n)),
    };
    say!(
        lang,
        ",{some} as a question may print or stop a machine there (--fragile asks)",
        ",{some} porque una pregunta podría imprimir o parar una máquina (--fragile pregunta)",
        some = some
    )
}

impl Trailer {
    /// How many open ports were not asked what they are, and can be when the scan is gone on with: a clause without its full stop; `None` where none is left.
    pub(crate) fn unasked(&self, lang: Lang) -> Option<String> {
        let counts = self.identified.filter(|counts| counts.pending > 0)?;
        let (left, all) = (lang.number(counts.pending), counts.all());
        // Where probes are left too, those say that it was interrupted.
        let interrupted = self.account.interrupted && self.account.tally.complete();
        Some(if interrupted {
            say!(
                lang,
                "Interrupted while open ports were asked what they are: {left} of {all} {were} not asked",
                "Interrumpido mientras se preguntaba a los puertos abiertos qué son: {were} sin preguntar {left} de {all}",
                left = left,
                all = lang.number(all),
                were = lang.agree(counts.pending, ["was", "were"], ["quedó", "quedaron"])
            )
        } else {
            say!(
                lang,
                "{left} of {all} {were} not asked what {are}: the scan ended before their turn",
                "{were} sin preguntar qué {are} {left} de {all}: el escaneo terminó antes de su turno",
                left = left,
                all = lang.count(all, OPEN_PORT),
                were = lang.agree(counts.pending, ["was", "were"], ["Quedó", "Quedaron"]),
                are = lang.agree(counts.pending, ["it is", "they are"], ["es", "son"])
            )
        })
    }
}
