//! A policy as it is written, before what it says has been held against itself. Everything keeps its place in the file; what is
//! missing is found out later, so that the rule can be named.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Policy {
    pub(super) title: Option<Spanned<String>>,
    pub(super) owner: Option<Spanned<String>>,
    pub(super) otherwise: Option<Spanned<String>>,
    pub(super) must_not_filtered: Option<Spanned<String>>,
    #[serde(default)]
    pub(super) groups: BTreeMap<Spanned<String>, Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) rule: Vec<Spanned<Rule>>,
    #[serde(default)]
    pub(super) exception: Vec<Spanned<Exception>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Rule {
    pub(super) name: Option<Spanned<String>>,
    pub(super) reason: Option<Spanned<String>>,
    pub(super) hosts: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) without: Vec<Spanned<String>>,
    pub(super) must: Option<Spanned<String>>,
    pub(super) may: Option<Spanned<String>>,
    pub(super) must_not: Option<Spanned<String>>,
    pub(super) service: Option<Spanned<String>>,
    pub(super) product: Option<Spanned<String>>,
    pub(super) version: Option<Spanned<String>>,
    pub(super) tls: Option<Spanned<String>>,
    pub(super) certificate: Option<Spanned<String>>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Exception {
    pub(super) name: Option<Spanned<String>>,
    pub(super) reason: Option<Spanned<String>>,
    pub(super) by: Option<Spanned<String>>,
    pub(super) until: Option<Spanned<Datetime>>,
    pub(super) rule: Option<Spanned<String>>,
    pub(super) hosts: Option<Spanned<Vec<Spanned<String>>>>,
    #[serde(default)]
    pub(super) without: Vec<Spanned<String>>,
    pub(super) ports: Option<Spanned<String>>,
}
