//! A scope file as it is written, before what it says has been held against itself. What may be refused later keeps its place
//! in the file.

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Scope {
    pub(super) authorised_by: Option<Spanned<String>>,
    pub(super) contact: Option<Spanned<String>>,
    pub(super) valid_from: Option<Spanned<Datetime>>,
    pub(super) valid_until: Option<Spanned<Datetime>>,
    pub(super) allowed: Option<Spanned<Listed>>,
    #[serde(default)]
    pub(super) excluded: Listed,
    #[serde(default)]
    pub(super) limits: Limits,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Listed {
    #[serde(default)]
    pub(super) networks: Vec<Spanned<String>>,
    #[serde(default)]
    pub(super) names: Vec<Spanned<String>>,
    pub(super) ports: Option<Spanned<String>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Limits {
    pub(super) rate: Option<Spanned<u32>>,
    pub(super) host_rate: Option<Spanned<u32>>,
    pub(super) max_inflight: Option<Spanned<u32>>,
    pub(super) host_inflight: Option<Spanned<u32>>,
}
