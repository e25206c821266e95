//! What a port that was asked what it is (`--identify`) has in its row, and beneath it.

use std::borrow::Cow;

use picaporte_core::Verdict;

use super::super::encode::Untrusted;
use super::super::identified::words;
use super::super::{Header, Lang, reverse};

/// What was found; texts of the network are encoded for a terminal.
pub(super) struct Told {
    name: Option<Cow<'static, str>>,
    product: String,
    hostname: Option<String>,
    /// What answered, and is not known.
    unknown: Option<String>,
    /// What is to be said of its TLS.
    remarks: Vec<String>,
}

impl Told {
    /// Of a port, if it was asked.
    pub(super) fn of(header: &Header, lang: Lang, verdict: &Verdict) -> Option<Box<Self>> {
        let found = header.service(verdict.address, verdict.port)?;
        let tls = found.tls.as_ref();
        let remarks = tls.map(|tls| words::remarked(header, lang, verdict, tls));
        Some(Box::new(Self {
            name: words::called(header, Some(&found), (verdict.port, verdict.state())),
            product: words::product(&found, Untrusted::terminal),
            hostname: words::hostname(lang, &found, Untrusted::terminal),
            unknown: words::unknown(lang, &found, reverse::quoted),
            remarks: remarks.unwrap_or_default(),
        }))
    }

    /// Its name, or the usual one of the port with a question mark.
    pub(super) fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// What it says of itself, to stand behind the reason: `, OpenSSH 9.2p1 (protocol 2.0)`.
    pub(super) fn says(&self) -> String {
        let product = Some(&self.product).filter(|said| !said.is_empty());
        let says = product.into_iter().chain(&self.hostname);
        let says = says.chain(&self.unknown);
        says.fold(String::new(), |text, said| text + ", " + said)
    }

    /// What is to be said of its TLS, to stand beneath its row; empty for nothing.
    pub(super) fn notes(&self) -> String {
        self.remarks.join("; ")
    }
}
