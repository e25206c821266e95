//! A data file as it is written, before it is checked. What may be wrong keeps its place.

use serde::Deserialize;
use toml::Spanned;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    pub(super) about: Spanned<String>,
    pub(super) source: Spanned<Vec<String>>,
    pub(super) service: Spanned<String>,
    pub(super) ports: Option<Spanned<String>>,
    pub(super) tls_ports: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) probe: Vec<Spanned<Probe>>,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<Rule>>,
    #[serde(default)]
    pub(super) example: Vec<Spanned<Example>>,
    #[serde(default)]
    pub(super) not: Vec<Spanned<Not>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Probe {
    pub(super) name: Spanned<String>,
    pub(super) send: Spanned<String>,
    pub(super) ports: Option<Spanned<String>>,
    pub(super) tls_ports: Option<Spanned<String>>,
    pub(super) inside_tls: Option<bool>,
    pub(super) everywhere: Option<Spanned<u8>>,
    pub(super) opt_in: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) alpn: Vec<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) answers: Option<Spanned<Vec<Spanned<String>>>>,
    pub(super) pattern: Spanned<String>,
    pub(super) service: Option<Spanned<String>>,
    pub(super) product: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<String>>,
    pub(super) extra: Option<Spanned<String>>,
    pub(super) hostname: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) cpe: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) weak: bool,
    #[serde(default)]
    pub(super) then: Vec<Spanned<String>>,
    pub(super) starttls: Option<Spanned<String>>,
    pub(super) starttls_ok: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Example {
    pub(super) answers: Spanned<String>,
    pub(super) bytes: Spanned<String>,
    pub(super) service: Spanned<String>,
    pub(super) product: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<String>>,
    pub(super) extra: Option<Spanned<String>>,
    pub(super) hostname: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) cpe: Vec<Spanned<String>>,
    #[serde(rename = "source")]
    pub(super) _source: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Not {
    pub(super) answers: Spanned<String>,
    pub(super) bytes: Spanned<String>,
}
