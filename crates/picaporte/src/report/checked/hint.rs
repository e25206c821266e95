//! What to do where a policy wants to know what listens, and the scan never asked: told once, not with each rule.

use picaporte_check::{Listening, Seen};
use picaporte_diff::Said;

use super::Checked;
use crate::report::Lang;

/// The sentence, where it is of use.
pub(super) fn hint(lang: Lang, checked: &Checked<'_>) -> Option<&'static str> {
    let rules = checked.answers.rules.iter();
    let mut heard = rules.flat_map(|rule| &rule.listening);
    let wanted = heard.any(|heard| heard.seen == Seen::Untold && is_open(heard, checked));
    (wanted && !tells(checked)).then(|| {
        lang.either(
            "No open port of this scan was asked what listens there: scan with -V (--identify; nmap: -sV).",
            "En este escaneo no se preguntó a ningún puerto abierto qué servicio hay: escanee con -V (--identify; nmap: -sV).",
        )
    })
}

/// Whether one of the ports is known to be open, so that it could have been asked.
fn is_open(heard: &Listening<'_>, checked: &Checked<'_>) -> bool {
    let mut hosts = heard.hosts.iter().filter_map(|id| checked.scan.host(id));
    hosts.any(|host| {
        let open = host.of(Said::Open);
        heard.ports.iter().any(|port| open.contains(port))
    })
}

/// Whether the scan tells of any port what listens there, or that what it said was not recognized.
fn tells(checked: &Checked<'_>) -> bool {
    let mut hosts = checked.scan.hosts();
    hosts.any(|(_, host)| checked.scan.services(host).next().is_some())
}
