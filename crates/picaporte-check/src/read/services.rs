//! What a rule asks of whatever listens on its ports.

use picaporte_diff::Spoken;
use picaporte_toml::{At, Checked, Text, mistake};
use toml::Spanned;

use super::{Reading, optional, raw};
use crate::services::{Want, Wanted};
use crate::version::Compare;

/// The versions of TLS that a policy may name, and the first of them in [`Spoken::VERSIONS`].
const VERSIONS: [&str; 4] = ["1.0", "1.1", "1.2", "1.3"];
const FIRST: usize = Spoken::VERSIONS.len() - VERSIONS.len();

pub(super) fn wants(of: &Text, raw: &raw::Rule, reading: &Reading<'_>) -> Checked<Vec<Want>> {
    let service = optional("service", raw.service.as_ref())?;
    let product = optional("product", raw.product.as_ref())?;
    let mut wants = Vec::new();
    let mut want = |place: Option<&Spanned<String>>, wanted| {
        let place = place.map(|place| reading.place(place));
        wants.extend(place.map(|place| Want { wanted, place }));
    };
    if let Some(service) = service {
        want(raw.service.as_ref(), Wanted::Service(service));
    }
    if let Some(product) = &product {
        want(raw.product.as_ref(), Wanted::Product(product.clone()));
    }
    if let Some(place) = &raw.version {
        want(Some(place), version(of, place, product)?);
    }
    if let Some(place) = &raw.tls {
        want(Some(place), tls(place)?);
    }
    if let Some(place) = &raw.certificate {
        want(Some(place), certificate(place)?);
    }
    let first = [
        &raw.service,
        &raw.product,
        &raw.version,
        &raw.tls,
        &raw.certificate,
    ];
    match first.into_iter().flatten().next() {
        Some(place) if raw.must.is_none() && raw.may.is_none() => {
            let what = mistake!(
                of => "{of} says what must listen, but lets no port be open; write must or may with ports",
                "{of} dice qué debe escuchar, pero no deja ningún puerto abierto; escriba must o may con puertos"
            );
            Err(At::place(place, what))
        }
        _ => Ok(wants),
    }
}

fn version(of: &Text, place: &Spanned<String>, product: Option<String>) -> Checked<Wanted> {
    let Some(product) = product else {
        let what = mistake!(
            of => "{of} has a 'version' and no 'product': versions of different products can't be compared; write product = \"OpenSSH\"",
            "{of} tiene 'version' y no 'product': versiones de productos distintos no se comparan; escriba product = \"OpenSSH\""
        );
        return Err(At::place(place, what));
    };
    let compared = Compare::read(place.get_ref());
    let compared = compared.map(|(compare, to)| Wanted::Version(product, compare, to.to_owned()));
    compared.ok_or_else(|| {
        let what = mistake!(
            "'{text}' is no comparison of versions; write version = \">= 9.2\" (or >, <=, <, =)",
            "'{text}' no es una comparación de versiones; escriba version = \">= 9.2\" (o >, <=, <, =)",
            text = place.get_ref()
        );
        At::place(place, what)
    })
}

fn tls(place: &Spanned<String>) -> Checked<Wanted> {
    let least = place.get_ref().trim().strip_prefix(">=").map(str::trim);
    let at = VERSIONS.iter().position(|version| Some(*version) == least);
    at.map(|at| Wanted::Tls(FIRST + at)).ok_or_else(|| {
        let what = mistake!(
            "'{text}' is no oldest version of TLS; write tls = \">= 1.2\" (1.0 to 1.3)",
            "'{text}' no es una versión mínima de TLS; escriba tls = \">= 1.2\" (de 1.0 a 1.3)",
            text = place.get_ref()
        );
        At::place(place, what)
    })
}

fn certificate(place: &Spanned<String>) -> Checked<Wanted> {
    let text = place.get_ref();
    if text == "valid" {
        return Ok(Wanted::Certificate(0));
    }
    if let Some(days) = days(text) {
        return Ok(Wanted::Certificate(days));
    }
    let what = mistake!(
        "'{text}' says nothing of a certificate; write certificate = \"valid\" (its time has come, and is not over), or certificate = \">= 30 days\" (and is not for as long)",
        "'{text}' no dice nada de un certificado; escriba certificate = \"valid\" (ya es válido, y no ha vencido), o certificate = \">= 30 days\" (ni vence antes)",
        text = text
    );
    Err(At::place(place, what))
}

/// `>= 30 days`: from 1 on.
fn days(text: &str) -> Option<u32> {
    let number = text.trim().strip_prefix(">=")?;
    let number = number.strip_suffix("days").or(number.strip_suffix("day"))?;
    let number = number.trim();
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    number.parse().ok().filter(|days| digits && *days > 0)
}
