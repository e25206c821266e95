//! What listens on open ports, where they were asked (`--identify`): a cell of the evidence, and the section on TLS and certificates.
//!
//! What is kept until the end is markup, within bounds: certificates and banners are written by whoever runs the port, and may be as long as they please.

use std::collections::BTreeMap;

use maud::{Markup, PreEscaped, html};
use picaporte_core::{Address, Verdict};
use picaporte_identify::service::Service;
use picaporte_identify::tls::{AltName, Certificate, Details, Tls};

use super::evidence::OF_A_HOST;
use super::key::{Key, of_host, take_host};
use super::text::{Outside, joined, ours};
use super::words::{Words, fill};
use crate::report::Header;
use crate::report::encode::Untrusted;
use crate::report::header::Stamp;
use crate::report::identified::words as said;

/// The most bytes of what services say of themselves, as markup.
pub(super) const SAID: usize = 2 << 20;
/// The most ports whose TLS is told, and the bytes of their rows.
pub(super) const TLS: usize = 1_024;
/// See above.
pub(super) const TLS_BYTES: usize = 2 << 20;
/// The most names of a certificate that are told.
const NAMES: usize = 8;

fn outside(text: &Untrusted) -> Markup {
    PreEscaped(text.html_text())
}

/// What a service says of itself; empty where it says nothing.
pub(super) fn says(words: &Words, service: &Service) -> Option<Markup> {
    let product = said::product(service, Untrusted::html_text);
    let hostname = said::hostname(words.lang, service, Untrusted::html_text);
    let unknown = service.excerpt.as_ref().filter(|_| service.name.is_none());
    let parts = [
        Some(product)
            .filter(|said| !said.is_empty())
            .map(PreEscaped),
        hostname.map(PreEscaped),
        unknown.map(|excerpt| html! { (words.services().came) " " code { (outside(excerpt)) } }),
        said::silent(words.lang, service).map(|silent| html! { (silent) }),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| html! { @for part in &parts { small { bdi { (part) } } } })
}

/// Ports with TLS, a row each.
#[derive(Default)]
pub(super) struct Rows {
    kept: BTreeMap<(Key, u16), Markup>,
    bytes: usize,
    /// Every one that was handed in, less those forgotten.
    seen: u64,
}

impl Rows {
    /// Keeps a port if it has TLS, and there is room.
    pub(super) fn add(&mut self, header: &Header, words: &Words, verdict: &Verdict) {
        let Some(service) = header.service(verdict.address, verdict.port) else {
            return;
        };
        let Some(tls) = &service.tls else {
            return;
        };
        self.seen += 1;
        let key = Key::of(verdict.address);
        if self.kept.len() >= TLS || of_host(&self.kept, key) >= OF_A_HOST {
            return;
        }
        let row = row(header, words, verdict, &service, tls);
        if self.bytes + row.0.len() <= TLS_BYTES {
            self.bytes += row.0.len();
            self.kept.insert((key, verdict.port), row);
        }
    }

    /// Leaves out a host whose open ports say nothing.
    pub(super) fn forget(&mut self, address: Address) {
        for row in take_host(&mut self.kept, Key::of(address)) {
            self.bytes -= row.0.len();
            self.seen -= 1;
        }
    }

    /// The table; nothing where there is no TLS.
    pub(super) fn section(&self, words: &Words) -> Markup {
        let told = words.services();
        let kept = self.kept.len() as u64;
        html! {
            @if self.seen > 0 {
                h3 { (told.tls) }
                p { (told.tls_how) }
                @if kept < self.seen {
                    p.fold { (fill(told.tls_folded, &[&words.number(kept), &words.count(self.seen, &words.open_port)])) }
                }
                @if kept > 0 {
                    table.tls {
                        thead { tr { th { (words.port.one) } th { (told.versions) } th { (told.certificate) } } }
                        tbody { @for row in self.kept.values() { (row) } }
                    }
                }
            }
        }
    }
}

fn row(header: &Header, words: &Words, verdict: &Verdict, service: &Service, tls: &Tls) -> Markup {
    let at = header.named(verdict.address).with_port(verdict.port);
    let remarks = said::remarked(header, words.lang, verdict, tls);
    html! {
        tr {
            th scope="row" {
                (Outside(&at))
                @if let Some(name) = said::name(service) { small { (name) } }
            }
            td { (versions(words, tls)) }
            td {
                @for remark in &remarks { div.alarm { (remark) } }
                (chain(words, tls))
            }
        }
    }
}

fn versions(words: &Words, tls: &Tls) -> Markup {
    let told = words.services();
    let refused: Vec<_> = tls.versions.refused().map(|(v, _)| v.to_string()).collect();
    html! {
        (said::versions(tls).as_deref().unwrap_or(words.unknown))
        @if !refused.is_empty() { small { (told.refuses) " " (refused.join(", ")) } }
        @if let Some(cipher) = tls.cipher { small.mono { (cipher.to_string()) } }
        @if let Some(alpn) = &tls.alpn { small { "ALPN " bdi { (outside(alpn)) } } }
        @if tls.starttls { small { "STARTTLS" } }
        @if tls.asks_client_certificate { small { (told.asks_client) } }
    }
}

/// The server's own certificate, and how many came with it.
fn chain(words: &Words, tls: &Tls) -> Markup {
    let told = words.services();
    let Some((own, others)) = tls.chain.certificates.split_first() else {
        return ours(told.no_certificate);
    };
    let others = others.len() + tls.chain.left_out;
    html! {
        (certificate(words, own))
        @if others > 0 { small { (fill(told.others, &[&words.number(others as u64)])) } }
    }
}

fn certificate(words: &Words, certificate: &Certificate) -> Markup {
    html! {
        @if let Some(details) = &certificate.details { (self::details(words, details)) }
        small { "SHA-256 " span.mono { (certificate.sha256) } }
    }
}

fn details(words: &Words, own: &Details) -> Markup {
    let told = words.services();
    let day = |second| Stamp::of_second(second).map_or_else(|| "?".to_owned(), Stamp::day);
    let valid = fill(
        words.valid_between,
        &[&day(own.not_before), &day(own.not_after)],
    );
    let key = fill(told.key, &[&own.key.to_string(), &own.signature]);
    html! {
        code { (outside(&own.subject)) }
        @if !own.names.is_empty() { small { (told.names) " " (names(words, own)) } }
        small { (told.issuer) " " code { (outside(&own.issuer)) } }
        small { (told.valid) " " (valid) }
        small { (key) }
    }
}

fn names(words: &Words, own: &Details) -> Markup {
    let name = |name: &AltName| {
        let name = match name {
            AltName::Dns(name) => html! { (Outside(name.as_str())) },
            AltName::Address(address) => ours(address.to_string()),
            AltName::Other(name) | AltName::CommonName(name) => outside(name),
        };
        html! { bdi.mono { (name) } }
    };
    let shown: Vec<_> = own.names.iter().take(NAMES).map(name).collect();
    let more = own.names.len() - shown.len() + own.names_left_out;
    html! {
        (joined(&shown, ", "))
        @if more > 0 { " " (fill(words.and_more, &[&words.number(more as u64)])) }
    }
}
