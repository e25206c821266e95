//! Changes in plain words. Every sentence about what can't be compared stands here.

use std::fmt::Write as _;

use picaporte_core::{Grade, Suspicion};
use picaporte_diff::{
    About, Belief, Change, Changes, Counted, Counts, Evidence, HostChanges, Note, Place,
    PortChange, Presence, Reject, Said, Service, ServiceChange,
};

use super::Side;
use crate::report::Lang;
use crate::words::nouns::{HOST, NAME, OTHER_PROTOCOLS_PORT, PLANNED_PORT, PORT, SCAN};

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

/// What makes two pieces of evidence differ, in the words of each side.
pub(super) fn evidence(lang: Lang, old: &Evidence, new: &Evidence, v6: bool) -> (String, String) {
    let belief = old.belief != new.belief && old.belief.is_some() && new.belief.is_some();
    let bare = |e: &Evidence| Evidence { belief: None, ..*e };
    let error = bare(old).differs(&bare(new));
    let side = |e: &Evidence| {
        let mut parts = Vec::new();
        if error {
            parts.extend(e.reason.map(|reason| reason.name().to_owned()));
            parts.extend(icmp(lang, e.icmp, e.from.map(|from| from.to_string()), v6));
        }
        if belief {
            parts.extend(e.belief.map(|belief| believed(lang, belief)));
        }
        parts.join(", ")
    };
    (side(old), side(new))
}

/// How far an open port can be believed, as in a scan's own table.
fn believed(lang: Lang, belief: Belief) -> String {
    let grade = match belief {
        Belief::Confirmed => Grade::Confirmed,
        Belief::HandshakeOnly => Grade::HandshakeOnly,
        Belief::Suspect => Grade::Suspect(Suspicion::AnswersEverything),
    };
    lang.grades(Some(grade), 1).to_owned()
}

/// `icmp 3/13 from 192.0.2.1`.
fn icmp(lang: Lang, code: Option<(u8, u8)>, from: Option<String>, v6: bool) -> Option<String> {
    let protocol = if v6 { "icmpv6" } else { "icmp" };
    let code = code.map(|(kind, code)| format!("{protocol} {kind}/{code}"));
    let from = from.map(|from| say!(lang, "from {from}", "de {from}", from = from));
    match (code, from) {
        (Some(code), Some(from)) => Some(format!("{code} {from}")),
        (code, from) => code.or(from),
    }
}

/// Who rejects, up to a few of them.
pub(super) fn rejects(lang: Lang, rejects: &[Reject], v6: bool) -> String {
    const FEW: usize = 6;
    let kind = |r: &Reject| {
        let from = r.from.map(|from| from.to_string());
        icmp(lang, Some((r.kind, r.code)), from, v6)
    };
    let mut text: Vec<String> = rejects.iter().take(FEW).filter_map(kind).collect();
    if let Some(more @ 1..) = rejects.len().checked_sub(FEW) {
        text.push(say!(lang, "{more} more", "{more} más", more = more));
    }
    match text[..] {
        [] => lang.either("nobody", "nadie").to_owned(),
        _ => text.join(", "),
    }
}

/// `nmap 7.93, 2026-01-01T00:00:00Z, complete`; still to be encoded for its sink.
pub(in crate::report) fn scan(lang: Lang, about: &About) -> String {
    let mut text = about.scanner.clone();
    if let Some(version) = &about.version {
        text.push(' ');
        text.push_str(version);
    }
    if let Some(id) = &about.id {
        text.push_str(&say!(lang, ", scan {id}", ", escaneo {id}", id = id));
    }
    if let Some(started) = about.started {
        // Writing to a String cannot fail.
        let _ = write!(text, ", {started:.0}");
    }
    match about.complete {
        Some(true) => text.push_str(lang.either(", complete", ", completo")),
        Some(false) => text.push_str(lang.either(", not complete", ", incompleto")),
        None => {}
    }
    text
}

/// What is to be known of a file. All of it are our own words.
pub(in crate::report) fn note(lang: Lang, note: &Note) -> String {
    match note {
        Note::Cut(place) => cut(lang, *place),
        Note::Several(scans) => say!(
            lang,
            "It holds {scans}, read as one.",
            "Contiene {scans}, leídos como uno solo.",
            scans = lang.count(*scans, SCAN)
        ),
        Note::Unnamed(ports) => say!(
            lang,
            "{ports} {were} not tested, of hosts that it does not name.",
            "{ports} {were} sin comprobar, de equipos que no nombra.",
            ports = lang.count(*ports, PLANNED_PORT),
            were = lang.agree(*ports, WERE, ["quedó", "quedaron"])
        ),
        Note::DownUnnamed(hosts) => say!(
            lang,
            "{hosts} {were} down, and not named (nmap -v names them): not comparable, where the other scan knows them.",
            "{hosts} {were} y sin nombrar (nmap -v los nombra): no se comparan donde el otro escaneo los conoce.",
            hosts = lang.count(*hosts, HOST),
            were = lang.agree(*hosts, WERE, ["estaba caído", "estaban caídos"])
        ),
        Note::NoAddress(hosts) => say!(
            lang,
            "{hosts} {were} left out, having no address that can be read.",
            "{hosts} {were}, por no tener una dirección que se pueda leer.",
            hosts = lang.count(*hosts, HOST),
            were = lang.agree(*hosts, WERE, OMITTED)
        ),
        Note::Unresolved(names) => say!(
            lang,
            "{names} in it {have} no address, and {count} as not asked.",
            "{names} no {have} dirección y {count} como sin preguntar.",
            names = lang.count(*names, NAME),
            have = lang.agree(*names, ["has", "have"], ["tiene", "tienen"]),
            count = lang.agree(*names, ["counts", "count"], COUNT)
        ),
        Note::Failed => lang
            .either(
                "Its scanner ended with an error.",
                "Su escáner terminó con un error.",
            )
            .to_owned(),
        Note::OtherProtocols(ports) => say!(
            lang,
            "{ports} {were} left out: only TCP is compared.",
            "{ports} {were}: solo se compara TCP.",
            ports = lang.count(*ports, OTHER_PROTOCOLS_PORT),
            were = lang.agree(*ports, WERE, OMITTED)
        ),
        Note::AtOdds(ports) => say!(
            lang,
            "{ports} {were} said to be in two states, and count as undecided.",
            "{ports} {were} como sin decidir.",
            ports = lang.count(*ports, PORT),
            were = lang.agree(
                *ports,
                WERE,
                [
                    "figura en dos estados a la vez y cuenta",
                    "figuran en dos estados a la vez y cuentan",
                ]
            )
        ),
        Note::CannotTell(kind) => say!(
            lang,
            "It is a scan of nmap's type '{kind}', which tells no open port from a closed one: its ports count as undecided.",
            "Es un escaneo de nmap de tipo '{kind}', que no distingue un puerto abierto de uno cerrado: sus puertos cuentan como sin decidir.",
            kind = kind
        ),
    }
}

const WERE: [&str; 2] = ["was", "were"];
const OMITTED: [&str; 2] = ["se omitió", "se omitieron"];
const COUNT: [&str; 2] = ["cuenta", "cuentan"];

fn cut(lang: Lang, place: Place) -> String {
    let place = match place {
        Place::Whole => {
            let whole = lang.either(
                "It has no end: the scan, or the file, was cut off. What there is was read; hosts that are not in it count as not asked.",
                "No tiene final: el escaneo, o el fichero, quedó a medias. Se leyó lo que hay; los equipos que no están cuentan como sin preguntar.",
            );
            return whole.to_owned();
        }
        Place::Line(line) => say!(lang, "line {line}", "la línea {line}", line = line),
        Place::Byte(byte) => say!(lang, "byte {byte}", "el byte {byte}", byte = byte),
    };
    say!(
        lang,
        "It is cut off at {place}. What stands before was read; hosts that are not in it count as not asked.",
        "Está cortado en {place}. Se leyó lo anterior; los equipos que no están cuentan como sin preguntar.",
        place = place
    )
}

pub(in crate::report) fn notes(lang: Lang, side: &Side<'_>) -> Vec<String> {
    side.about.notes.iter().map(|of| note(lang, of)).collect()
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
