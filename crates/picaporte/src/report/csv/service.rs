//! The columns of a port that was asked what it is (`--identify`). Everything in them is a cell's own text: what a spreadsheet would run can't run.

use picaporte_identify::service::{Cpe, Service};
use picaporte_identify::tls::{AltName, Details, Tls};
use serde::Serialize;

use super::super::encode::{self, Untrusted};
use super::super::header::Stamp;
use super::super::identified::words;
use super::super::record::service::self_signed;

/// What was found, and the server's own certificate. What is not known is an empty cell.
#[derive(Default, Serialize)]
pub(super) struct Found {
    identified: Option<String>,
    product: Option<String>,
    version: Option<String>,
    extra: Option<String>,
    hostname: Option<String>,
    cpe: Option<String>,
    inside_tls: Option<bool>,
    tls: Option<String>,
    certificate_subject: Option<String>,
    certificate_issuer: Option<String>,
    certificate_names: Option<String>,
    certificate_not_before: Option<Stamp>,
    certificate_not_after: Option<Stamp>,
    certificate_self_signed: Option<&'static str>,
    certificate_sha256: Option<String>,
    excerpt: Option<String>,
}

impl Found {
    pub(super) fn of(service: &Service) -> Self {
        let cell = |text: &Option<Untrusted>| text.as_ref().map(Untrusted::cell);
        let cpe: Vec<_> = service.cpe.iter().map(Cpe::as_str).collect();
        let tls = service.tls.as_ref();
        let excerpt = service.excerpt.as_ref().filter(|_| service.name.is_none());
        Self {
            identified: service.name.as_ref().map(|name| safe(name.as_str())),
            product: cell(&service.product),
            version: service.version.as_ref().map(|v| safe(v.as_str())),
            extra: cell(&service.extra),
            hostname: cell(&service.hostname),
            cpe: (!cpe.is_empty()).then(|| safe(&cpe.join(" "))),
            inside_tls: service.name.as_ref().map(|_| service.inside_tls),
            tls: tls.and_then(words::versions),
            excerpt: excerpt.map(Untrusted::cell),
            ..tls.map(Self::certificate).unwrap_or_default()
        }
    }

    fn certificate(tls: &Tls) -> Self {
        let sha256 = tls.chain.certificates.first();
        Self {
            certificate_sha256: sha256.map(|own| own.sha256.clone()),
            ..tls.chain.own().map(Self::details).unwrap_or_default()
        }
    }

    fn details(own: &Details) -> Self {
        let names: Vec<_> = own.names.iter().map(name).collect();
        Self {
            certificate_subject: Some(own.subject.cell()),
            certificate_issuer: Some(own.issuer.cell()),
            certificate_names: Some(names.join(" ")),
            certificate_not_before: Stamp::of_second(own.not_before),
            certificate_not_after: Stamp::of_second(own.not_after),
            certificate_self_signed: Some(self_signed(own.self_signed)),
            ..Self::default()
        }
    }
}

fn safe(text: &str) -> String {
    encode::cell(text).into_owned()
}

/// A name without blanks, so that they divide.
fn name(name: &AltName) -> String {
    let cell = match name {
        AltName::Dns(name) => safe(name.as_str()),
        AltName::Address(address) => address.to_string(),
        AltName::Other(name) | AltName::CommonName(name) => name.cell(),
    };
    cell.replace(' ', "\\u{20}")
}
