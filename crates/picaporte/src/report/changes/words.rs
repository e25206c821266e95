//! Changes in plain words.

use picaporte_diff::{
    Change, Changes, Counted, Counts, HostChanges, PortChange, Presence, Said, Service,
    ServiceChange,
};

use crate::report::Lang;
use crate::words::nouns::{HOST, PORT};

mod evidence;
mod scans;

pub(super) use evidence::{evidence, rejects};
pub(in crate::report) use scans::{note, notes, scan};

/// So many digits of a certificate's SHA-256 tell two apart; JSON has all.
const SHA256: usize = 16;

/// What one scan says of so many ports.
pub(in crate::report) const fn said(lang: Lang, said: Said, n: u64) -> &'static str {
    let (en, es) = match said {
        Said::Open => ("open", ["abierto", "abiertos"]),
        Said::Closed => ("closed", ["cerrado", "cerrados"]),
        Said::Filtered => ("filtered", ["filtrado", "filtrados"]),
        Said::Untested => ("not tested", ["sin comprobar"; 2]),
        Said::Undecided => ("undecided", ["sin decidir"; 2]),
        Said::Absent => ("not asked", ["sin preguntar"; 2]),
    };
    lang.agree(n, [en; 2], es)
}

/// What happened to so many ports, or hosts.
pub(in crate::report) const fn change(lang: Lang, change: Change, n: u64) -> &'static str {
    let (en, es) = match change {
        Change::Opened => ("opened", ["abierto", "abiertos"]),
        Change::Closed => ("closed", ["cerrado", "cerrados"]),
        Change::Filtered => ("became filtered", ["ahora filtrado", "ahora filtrados"]),
        Change::Reachable => (
            "became reachable",
            ["ahora alcanzable", "ahora alcanzables"],
        ),
        Change::Appeared => ("appeared", ["apareció", "aparecieron"]),
        Change::Disappeared => ("disappeared", ["desapareció", "desaparecieron"]),
        Change::NotComparable => ("not comparable", ["no comparable", "no comparables"]),
    };
    lang.agree(n, [en; 2], es)
}

/// What is compared beside the states.
pub(in crate::report) const fn other_evidence(lang: Lang) -> &'static str {
    lang.either("other evidence", "otras pruebas")
}

/// See above.
pub(in crate::report) const fn other_rejects(lang: Lang) -> &'static str {
    lang.either("other rejects", "otros rechazos")
}

/// See above.
pub(in crate::report) const fn other_service(lang: Lang) -> &'static str {
    lang.either("other service", "otro servicio")
}

/// What listened and what listens: name or product, version, and what else is not the same; text of files, still to be encoded.
pub(in crate::report) fn services(lang: Lang, change: &ServiceChange) -> [String; 2] {
    let (old, new) = (&change.old, &change.new);
    let sha256 = |service: &Service| service.certificate().map(|own| own.sha256.clone());
    let both = [sha256(old), sha256(new)];
    let other = both[0] != both[1] && both.iter().all(Option::is_some);
    let side = |service: &Service| {
        let same_name = old.name == new.name;
        let name = service
            .name
            .iter()
            .filter(|_| !same_name || service.product.is_none());
        let words = name.chain(&service.product).chain(&service.version);
        let mut text = words.map(|word| &**word).collect::<Vec<_>>().join(" ");
        if let Some(sha256) = sha256(service).filter(|_| other) {
            let beginning: String = sha256.chars().take(SHA256).collect();
            text.push_str(&say!(
                lang,
                ", certificate {sha256}…",
                ", certificado {sha256}…",
                sha256 = beginning
            ));
        }
        text
    };
    [side(old), side(new)]
}

/// What the change's name does not tell of its two sides.
pub(in crate::report) fn sides(lang: Lang, change: &PortChange) -> String {
    let n = change.ports.len().into();
    let (old, new) = (said(lang, change.old, n), said(lang, change.new, n));
    match change.change {
        Change::Opened | Change::Closed | Change::Filtered => {
            say!(lang, "{old} before", "antes {old}", old = old)
        }
        _ => say!(
            lang,
            "{old} before, {new} now",
            "antes {old}, ahora {new}",
            old = old,
            new = new
        ),
    }
}

/// What was, and what is.
pub(in crate::report) fn before_and_now(lang: Lang, old: &str, new: &str) -> String {
    say!(
        lang,
        "{old} before; {new} now",
        "antes {old}; ahora {new}",
        old = old,
        new = new
    )
}

pub(in crate::report) const fn presence(lang: Lang, presence: Presence) -> &'static str {
    match presence {
        Presence::Appeared => lang.either(
            "it gave no sign of life before, and does now",
            "antes no daba señales de vida, y ahora sí",
        ),
        Presence::Disappeared => lang.either(
            "it gave a sign of life before, and does no more",
            "antes daba señales de vida, y ya no",
        ),
    }
}

/// Where only one scan speaks of a host.
pub(super) const fn missing(lang: Lang, host: &HostChanges) -> Option<&'static str> {
    match host.mentioned {
        [true, false] => Some(lang.either("not in the new scan", "no está en el escaneo nuevo")),
        [false, true] => Some(lang.either("not in the old scan", "no está en el escaneo anterior")),
        _ => None,
    }
}

/// `102 ports of 3 hosts`.
pub(in crate::report) fn ports_of_hosts(lang: Lang, ports: u64, hosts: u64) -> String {
    say!(
        lang,
        "{ports} of {hosts}",
        "{ports} de {hosts}",
        ports = lang.count(ports, PORT),
        hosts = lang.count(hosts, HOST)
    )
}

/// What is said of every kind of change that there is, label and counts.
pub(super) fn totals(
    lang: Lang,
    counts: &Counts,
    with_evidence: bool,
) -> Vec<(&'static str, String)> {
    let of = |n: Counted| ports_of_hosts(lang, n.ports, n.hosts);
    let mut lines = Vec::new();
    for kind in Change::ALL {
        let (n, told) = match kind {
            Change::Appeared => (counts.appeared, lang.count(counts.appeared, HOST)),
            Change::Disappeared => (counts.disappeared, lang.count(counts.disappeared, HOST)),
            _ => (counts.of(kind).ports, of(counts.of(kind))),
        };
        lines.extend((n > 0).then(|| (change(lang, kind, n), told)));
    }
    if counts.services.ports > 0 {
        lines.push((other_service(lang), of(counts.services)));
    }
    if with_evidence {
        let evidence = say!(
            lang,
            "{evidence}, of {proved} whose evidence is in both scans",
            "{evidence}, de {proved} cuyas pruebas están en ambos escaneos",
            evidence = of(counts.evidence),
            proved = lang.count(counts.proved.ports, PORT)
        );
        lines.push((other_evidence(lang), evidence));
        if counts.rejects > 0 {
            lines.push((other_rejects(lang), lang.count(counts.rejects, HOST)));
        }
    }
    let unknown = match counts.unknown.ports {
        0 => String::new(),
        n => say!(
            lang,
            "; {ports} that neither scan knows",
            "; {ports} que ningún escaneo conoce",
            ports = lang.count(n, PORT)
        ),
    };
    let same = format!("{}{unknown}", of(counts.same));
    lines.push((lang.either("the same", "sin cambios"), same));
    lines
}

/// What it comes to.
pub(in crate::report) fn judgement(lang: Lang, changes: &Changes) -> &'static str {
    if changes.is_empty() {
        lang.either(
            "The same: every port whose state one scan knows, the other found in the same state.",
            "Sin cambios: todo puerto cuyo estado conoce un escaneo lo encontró el otro en el mismo estado.",
        )
    } else if changes.hosts.iter().all(HostChanges::only_not_comparable) {
        lang.either(
            "Nothing is known to have changed, but not everything can be compared.",
            "No consta ningún cambio, pero no todo se puede comparar.",
        )
    } else {
        lang.either("The scans differ.", "Los escaneos difieren.")
    }
}
