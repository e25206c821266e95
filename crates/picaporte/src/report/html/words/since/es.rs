//! Changes in Spanish.

use picaporte_diff::{Change, Full};

use super::Texts;

pub(super) static TEXTS: Texts = Texts {
    nav: "Qué cambió",
    title: "Qué cambió desde {0}",
    earlier: "un escaneo anterior",
    in_short: "desde {0}, puertos que se abrieron: {1}; que se cerraron: {2}; que no se pueden comparar: {3}{4}.",
    in_short_service: "; {0}: {1}",
    scan: "Escaneo anterior",
    this_scan: "Este escaneo",
    complete: "completo",
    incomplete: "incompleto",
    change_head: "Cambio",
    before_now: "Antes y ahora",
    only_before: "no está en este escaneo",
    only_now: "no está en el escaneo anterior",
    folded: "Plegado: se listan {0} filas de {1}; picaporte diff las lista todas.",
    service: "Abiertos antes y ahora; allí escucha otra cosa, o su certificado es otro.",
    same: (
        "sin cambios",
        "Los dos escaneos los hallaron en el mismo estado.",
    ),
    neither: (
        "desconocidos",
        "Al menos un escaneo habla de ellos, y ninguno sabe su estado.",
    ),
    change,
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
        Full::Services(_) => {
            "No se comparó nada: este escaneo tiene más de {0} puertos con servicio, el máximo que se guarda a la vez. Escanee y compare por partes."
        }
    }
}
