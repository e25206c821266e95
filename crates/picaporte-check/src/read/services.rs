//! What a rule asks of whatever listens on its ports.

use picaporte_diff::Spoken;
use picaporte_toml::{At, Checked};
use toml::Spanned;

use super::{Reading, optional, raw};
use crate::services::{Want, Wanted};
use crate::version::Compare;

/// The versions of TLS that a policy may name, and the first of them in [`Spoken::VERSIONS`].
const VERSIONS: [&str; 4] = ["1.0", "1.1", "1.2", "1.3"];
const FIRST: usize = Spoken::VERSIONS.len() - VERSIONS.len();

pub(super) fn wants(of: &str, raw: &raw::Rule, reading: &Reading<'_>) -> Checked<Vec<Want>> {
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
            let what = format!(
                "{of} says what must listen, but lets no port be open; write must or may with ports"
            );
            Err(At::place(place, what))
        }
        _ => Ok(wants),
    }
}

fn version(of: &str, place: &Spanned<String>, product: Option<String>) -> Checked<Wanted> {
    let Some(product) = product else {
        let what = format!(
            "{of} has a 'version' and no 'product': versions of different products can't be compared; write product = \"OpenSSH\""
        );
        return Err(At::place(place, what));
    };
    match Compare::read(place.get_ref()) {
        Some((compare, version)) => Ok(Wanted::Version(product, compare, version.to_owned())),
        None => {
            let what = format!(
                "'{}' is no comparison of versions; write version = \">= 9.2\" (or >, <=, <, =)",
                place.get_ref()
            );
            Err(At::place(place, what))
        }
    }
}

fn tls(place: &Spanned<String>) -> Checked<Wanted> {
    let least = place.get_ref().trim().strip_prefix(">=").map(str::trim);
    let at = VERSIONS.iter().position(|version| Some(*version) == least);
    at.map(|at| Wanted::Tls(FIRST + at)).ok_or_else(|| {
        let what = format!(
            "'{}' is no oldest version of TLS; write tls = \">= 1.2\" (1.0 to 1.3)",
            place.get_ref()
        );
        At::place(place, what)
    })
}

fn certificate(place: &Spanned<String>) -> Checked<Wanted> {
    if place.get_ref() == "valid" {
        return Ok(Wanted::Certificate);
    }
    let what = format!(
        "'{}' says nothing of a certificate; write certificate = \"valid\": its time has come, and is not over",
        place.get_ref()
    );
    Err(At::place(place, what))
}
