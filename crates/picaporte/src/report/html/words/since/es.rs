//! Changes in Spanish.

use picaporte_diff::{Change, Full, Note, Place, Presence, Said};

use super::super::{Words, es};
use super::Texts;
use crate::report::changes::words::Judged;

pub(super) static TEXTS: Texts = Texts {
    nav: "Qué cambió",
    title: "Qué cambió desde {0}",
    earlier: "un escaneo anterior",
    in_short: "desde {0}, puertos que se abrieron: {1}; que se cerraron: {2}; que no se pueden comparar: {3}.",
    scan: "Escaneo anterior",
    this_scan: "Este escaneo",
    complete: "completo",
    incomplete: "incompleto",
    change_head: "Cambio",
    before_now: "Antes y ahora",
    before: "antes {0}",
    before_and_now: "antes {0}, ahora {1}",
    only_before: "no está en este escaneo",
    only_now: "no está en el escaneo anterior",
    folded: "Plegado: se listan {0} filas de {1}; picaporte diff las lista todas.",
    same: (
        "sin cambios",
        "Los dos escaneos los hallaron en el mismo estado.",
    ),
    neither: (
        "desconocidos",
        "Al menos un escaneo habla de ellos, y ninguno sabe su estado.",
    ),
    change,
    said,
    presence,
    judgement,
    note,
    full,
};

fn change(change: Change) -> (&'static str, &'static str) {
    match change {
        Change::Opened => (
            "se abrieron",
            "Antes cerrados o filtrados, y ahora abiertos.",
        ),
        Change::Closed => ("se cerraron", "Antes abiertos, y ahora cerrados."),
        Change::Filtered => (
            "pasaron a filtrados",
            "Antes abiertos o cerrados; ahora llega un error ICMP, o nada: algo en el camino rechaza o descarta.",
        ),
        Change::Reachable => (
            "pasaron a alcanzables",
            "Antes filtrados, y ahora cerrados: llega un RST, así que los SYN alcanzan el equipo.",
        ),
        Change::Appeared => (
            "aparecieron",
            "Antes se preguntó al equipo y no dio señales de vida; ahora las da.",
        ),
        Change::Disappeared => (
            "desaparecieron",
            "Antes el equipo dio señales de vida; ahora se le preguntó y no dio ninguna.",
        ),
        Change::NotComparable => (
            "no comparables",
            "Un escaneo sabe su estado; el otro no preguntó, no los comprobó o no pudo distinguirlo.",
        ),
    }
}

fn said(said: Said, ports: u64) -> &'static str {
    match said {
        Said::Open if ports != 1 => "abiertos",
        Said::Open => "abierto",
        Said::Closed if ports != 1 => "cerrados",
        Said::Closed => "cerrado",
        Said::Filtered if ports != 1 => "filtrados",
        Said::Filtered => "filtrado",
        Said::Untested => "sin comprobar",
        Said::Undecided => "sin decidir",
        Said::Absent => "sin preguntar",
    }
}

fn presence(presence: Presence) -> &'static str {
    match presence {
        Presence::Appeared => "antes no dio señales de vida, y ahora sí",
        Presence::Disappeared => "antes dio señales de vida, y ahora no",
    }
}

fn judgement(judged: Judged) -> &'static str {
    match judged {
        Judged::Same => {
            "Sin cambios: todo puerto cuyo estado sabe un escaneo, el otro lo halló en el mismo estado."
        }
        Judged::NotKnown => "No consta que cambiara nada, pero no todo se puede comparar.",
        Judged::Differ => "Los escaneos difieren.",
    }
}

fn note(note: &Note) -> String {
    let words: &Words = &es::WORDS;
    let number = |n: &u64| words.number(*n);
    match note {
        Note::Cut(Place::Whole) => {
            "No tiene final: el escaneo, o el fichero, quedó cortado. Se leyó lo que hay; los equipos que no figuran cuentan como no preguntados."
                .to_owned()
        }
        Note::Cut(place) => {
            let place = match place {
                Place::Line(line) => format!("la línea {line}"),
                Place::Byte(byte) => format!("el byte {byte}"),
                Place::Whole => "su comienzo".to_owned(),
            };
            format!(
                "Está cortado en {place}. Se leyó lo que hay antes; los equipos que no figuran cuentan como no preguntados."
            )
        }
        Note::Several(scans) => format!("Contiene {} escaneos, leídos como uno.", number(scans)),
        Note::Unnamed(ports) => format!(
            "Puertos previstos sin comprobar, de equipos que no nombra: {}.",
            number(ports)
        ),
        Note::DownUnnamed(hosts) => format!(
            "Equipos que estaban caídos y no nombra (nmap -v los nombra): {}. No son comparables donde el otro escaneo los conoce.",
            number(hosts)
        ),
        Note::NoAddress(hosts) => format!(
            "Equipos omitidos, por no tener una dirección legible: {}.",
            number(hosts)
        ),
        Note::Unresolved(names) => format!(
            "Nombres sin dirección, que cuentan como no preguntados: {}.",
            number(names)
        ),
        Note::Failed => "Su escáner terminó con un error.".to_owned(),
        Note::OtherProtocols(ports) => format!(
            "Puertos UDP, SCTP o IP omitidos, pues solo se compara TCP: {}.",
            number(ports)
        ),
        Note::AtOdds(ports) => format!(
            "Puertos con dos estados a la vez, que cuentan como sin decidir: {}.",
            number(ports)
        ),
        Note::CannotTell(kind) => format!(
            "Es un escaneo de nmap de tipo «{kind}», que no distingue un puerto abierto de uno cerrado: sus puertos cuentan como sin decidir."
        ),
    }
}

fn full(full: &Full) -> &'static str {
    match full {
        Full::Hosts(_) => {
            "No se comparó nada: este escaneo tiene más de {0} equipos, el máximo que se compara a la vez. Escanee y compare por partes."
        }
        Full::Ranges(_) => {
            "No se comparó nada: este escaneo tiene más de {0} rangos de puertos, el máximo que se guarda a la vez. Escanee y compare por partes."
        }
        Full::Evidence(_) => {
            "No se comparó nada: este escaneo tiene más de {0} pruebas distintas. Escanee y compare por partes."
        }
    }
}
