//! What must listen and does not, in plain words and for programs.

use std::borrow::Cow;

use picaporte_check::{Listening, Seen, Wanted};
use picaporte_diff::{HostId, Spoken};
use serde::Serialize;

use super::super::changes::joined;
use super::Checked;
use super::record::Host;
use super::words::{self, Manner};
use crate::report::Lang;
use crate::words::nouns::{DAY, PORT};

/// The key of the policy.
pub(super) const fn key(wanted: &Wanted) -> &'static str {
    match wanted {
        Wanted::Service(_) => "service",
        Wanted::Product(_) => "product",
        Wanted::Version(..) => "version",
        Wanted::Tls(_) => "tls",
        Wanted::Certificate(_) => "certificate",
    }
}

/// `port 22 must be OpenSSH, and is dropbear on 192.0.2.7`.
pub(super) fn listening(manner: Manner, heard: &Listening<'_>, checked: &Checked<'_>) -> String {
    let lang = manner.lang;
    let n = heard.ports.len().into();
    say!(
        lang,
        "{port} {ports} {wants}, and {seen}, on {hosts}",
        "{port} {ports} {wants}, y {seen}, en {hosts}",
        port = lang.word(n, PORT),
        ports = joined::ports(lang, &heard.ports),
        wants = wants(manner, &heard.want.wanted, n),
        seen = seen(manner, &heard.seen),
        hosts = words::hosts(manner, &heard.hosts, checked.scan)
    )
}

fn wants(manner: Manner, wanted: &Wanted, n: u64) -> String {
    let lang = manner.lang;
    let must = lang.agree(n, ["must"; 2], ["debe", "deben"]);
    match wanted {
        Wanted::Service(name) => say!(
            lang,
            "{must} speak {name}",
            "{must} hablar {name}",
            must = must,
            name = manner.seen(name)
        ),
        Wanted::Product(name) => say!(
            lang,
            "{must} be {name}",
            "{must} ser {name}",
            must = must,
            name = manner.seen(name)
        ),
        Wanted::Version(name, compare, version) => say!(
            lang,
            "{must} be {name} {sign} {version}",
            "{must} ser {name} {sign} {version}",
            must = must,
            name = manner.seen(name),
            sign = compare.sign(),
            version = manner.seen(version)
        ),
        Wanted::Tls(least) => say!(
            lang,
            "{must} accept no TLS older than {version}",
            "no {must} aceptar ningún TLS anterior a {version}",
            must = must,
            version = Spoken::VERSIONS.get(*least).copied().unwrap_or_default()
        ),
        Wanted::Certificate(0) => say!(
            lang,
            "{must} have a certificate that is in its time",
            "{must} tener un certificado vigente",
            must = must
        ),
        Wanted::Certificate(days) => say!(
            lang,
            "{must} have a certificate that is in its time for {days} more",
            "{must} tener un certificado vigente durante {days} más",
            must = must,
            days = lang.count((*days).into(), DAY)
        ),
    }
}

fn seen(manner: Manner, seen: &Seen) -> String {
    let lang = manner.lang;
    let says = match seen {
        Seen::Is(told) => {
            return say!(
                lang,
                "the scan says {told}",
                "el escaneo dice {told}",
                told = manner.seen(told)
            );
        }
        Seen::Untold => lang.either("the scan does not tell", "el escaneo no lo dice"),
        Seen::Left(0) => lang.either("it expires within a day", "vence en menos de un día"),
        Seen::Left(days) => {
            return say!(
                lang,
                "it expires in {days}",
                "vence en {days}",
                days = lang.count((*days).into(), DAY)
            );
        }
        Seen::Plain => lang.either("no TLS is spoken", "no se habla TLS"),
        Seen::Expired(None) => lang.either("it has expired", "ha vencido"),
        Seen::Expired(Some(day)) => {
            return say!(lang, "it expired on {day}", "venció el {day}", day = day);
        }
        Seen::NotYet(None) => lang.either("it is not valid yet", "aún no es válido"),
        Seen::NotYet(Some(day)) => {
            return say!(
                lang,
                "it is valid from {day} on",
                "es válido desde el {day}",
                day = day
            );
        }
    };
    says.to_owned()
}

/// The same for programs.
#[derive(Serialize)]
pub(super) struct Record<'a> {
    answer: &'static str,
    /// The key of the policy.
    asked: &'static str,
    /// What the scan says; null where it does not tell.
    told: Option<Cow<'a, str>>,
    count: u32,
    ports: String,
    line: usize,
    column: usize,
    hosts: Vec<Host<'a>>,
}

/// What was seen, in a word; `None` where nothing was told.
pub(super) fn told(seen: &Seen) -> Option<Cow<'_, str>> {
    match seen {
        Seen::Untold => None,
        Seen::Is(told) => Some(Cow::Borrowed(told)),
        Seen::Plain => Some("no TLS".into()),
        Seen::Expired(None) => Some("expired".into()),
        Seen::Expired(Some(day)) => Some(format!("expired on {day}").into()),
        Seen::NotYet(None) => Some("not valid yet".into()),
        Seen::NotYet(Some(day)) => Some(format!("valid from {day}").into()),
        Seen::Left(days) => Some(Lang::En.count((*days).into(), DAY).into()),
    }
}

impl<'a> Record<'a> {
    pub(super) fn new(heard: &'a Listening<'a>, checked: &Checked<'a>) -> Self {
        let place = heard.want.place;
        let host = |id: &&'a HostId| Host::new(id, checked.scan);
        Self {
            answer: heard.answer.name(),
            asked: key(&heard.want.wanted),
            told: told(&heard.seen),
            count: heard.ports.len(),
            ports: heard.ports.to_string(),
            line: place.line,
            column: place.column,
            hosts: heard.hosts.iter().map(host).collect(),
        }
    }
}
