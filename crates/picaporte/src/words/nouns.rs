//! What is counted, for one and for several of it.

use crate::report::Lang;

/// A word for one, and for several, in each language.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noun {
    en: [&'static str; 2],
    es: [&'static str; 2],
}

const fn noun(en: [&'static str; 2], es: [&'static str; 2]) -> Noun {
    Noun { en, es }
}

pub(crate) const HOST: Noun = noun(["host", "hosts"], ["equipo", "equipos"]);
pub(crate) const PORT: Noun = noun(["port", "ports"], ["puerto", "puertos"]);
pub(crate) const PROBE: Noun = noun(["probe", "probes"], ["sonda", "sondas"]);
pub(crate) const ATTEMPT: Noun = noun(["attempt", "attempts"], ["intento", "intentos"]);
pub(crate) const RETRANSMIT: Noun = noun(
    ["retransmit", "retransmits"],
    ["retransmisión", "retransmisiones"],
);
pub(crate) const NAME: Noun = noun(["name", "names"], ["nombre", "nombres"]);
pub(crate) const RESOLVED_NAME: Noun = noun(
    ["name resolved", "names resolved"],
    ["nombre resuelto", "nombres resueltos"],
);
pub(crate) const ADDRESS: Noun = noun(["address", "addresses"], ["dirección", "direcciones"]);
pub(crate) const CONNECTION: Noun = noun(["connection", "connections"], ["conexión", "conexiones"]);
pub(crate) const QUESTION: Noun = noun(["question", "questions"], ["pregunta", "preguntas"]);
pub(crate) const HOP: Noun = noun(["hop", "hops"], ["salto", "saltos"]);
pub(crate) const DAY: Noun = noun(["day", "days"], ["día", "días"]);
pub(crate) const SCAN: Noun = noun(["scan", "scans"], ["escaneo", "escaneos"]);
pub(crate) const CHUNK: Noun = noun(["chunk", "chunks"], ["bloque", "bloques"]);
pub(crate) const OPEN_PORT: Noun = noun(
    ["open port", "open ports"],
    ["puerto abierto", "puertos abiertos"],
);
pub(crate) const PLANNED_PORT: Noun = noun(
    ["planned port", "planned ports"],
    ["puerto previsto", "puertos previstos"],
);
pub(crate) const PLANNED_PROBE: Noun = noun(
    ["planned probe", "planned probes"],
    ["sonda prevista", "sondas previstas"],
);
pub(crate) const OTHER_PROTOCOLS_PORT: Noun = noun(
    ["UDP, SCTP or IP port", "UDP, SCTP or IP ports"],
    ["puerto UDP, SCTP o IP", "puertos UDP, SCTP o IP"],
);
pub(crate) const OTHER_KIND: Noun = noun(
    ["other kind", "other kinds"],
    ["otra clase", "otras clases"],
);
pub(crate) const MORE_HOSTS: Noun =
    noun(["more host", "more hosts"], ["equipo más", "equipos más"]);
pub(crate) const MORE_PORTS: Noun =
    noun(["more port", "more ports"], ["puerto más", "puertos más"]);
pub(crate) const MORE_RANGES: Noun =
    noun(["more range", "more ranges"], ["rango más", "rangos más"]);
pub(crate) const MORE_NAMES: Noun =
    noun(["more name", "more names"], ["nombre más", "nombres más"]);

impl Lang {
    /// `1 host`, `2 hosts`.
    pub(crate) fn count(self, n: u64, noun: Noun) -> String {
        format!("{} {}", self.number(n), self.word(n, noun))
    }

    /// The word alone: `host`, `hosts`.
    pub(crate) const fn word(self, n: u64, noun: Noun) -> &'static str {
        self.agree(n, noun.en, noun.es)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_one_and_none_are_several() {
        let said = |lang: Lang| [0, 1, 2].map(|n| lang.count(n, PROBE)).join(", ");
        assert_eq!(said(Lang::En), "0 probes, 1 probe, 2 probes");
        assert_eq!(said(Lang::Es), "0 sondas, 1 sonda, 2 sondas");
        assert_eq!(Lang::En.count(1_500, HOST), "1,500 hosts");
    }
}
