//! Which scans are compared, and what is to be known of each. Every sentence about what can't be compared stands here.

use std::fmt::Write as _;

use picaporte_diff::{About, Note, Place};

use crate::report::Lang;
use crate::report::changes::Side;
use crate::words::nouns::{HOST, NAME, OTHER_PROTOCOLS_PORT, PLANNED_PORT, PORT, SCAN};

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
