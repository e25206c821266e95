//! States, reasons and grades in plain words, the same in the page and in every other text.

use picaporte_core::policy::Policy;
use picaporte_core::{Grade, Reason, State};

use crate::report::Lang;

impl Lang {
    /// The state of a port.
    pub(crate) const fn state(self, state: State) -> &'static str {
        match state {
            State::Open => self.either("open", "abierto"),
            State::Closed => self.either("closed", "cerrado"),
            State::Filtered => self.either("filtered", "filtrado"),
            State::Untested => self.either("untested", "sin comprobar"),
        }
    }

    /// The state of so many ports.
    pub(crate) const fn states(self, state: State, n: u64) -> &'static str {
        match (self, state) {
            (Self::Es, State::Open) if n != 1 => "abiertos",
            (Self::Es, State::Closed) if n != 1 => "cerrados",
            (Self::Es, State::Filtered) if n != 1 => "filtrados",
            _ => self.state(state),
        }
    }

    /// The grade of so many open ports; `None` is a connection that was not watched to its end.
    pub(crate) const fn grades(self, grade: Option<Grade>, n: u64) -> &'static str {
        match grade {
            Some(Grade::Confirmed) => {
                self.agree(n, ["confirmed", "confirmed"], ["confirmado", "confirmados"])
            }
            Some(Grade::HandshakeOnly) => self.either("handshake-only", "solo saludo"),
            Some(Grade::Suspect(_)) => {
                self.agree(n, ["suspect", "suspect"], ["sospechoso", "sospechosos"])
            }
            None => self.agree(
                n,
                ["not watched to their end"; 2],
                ["sin observar hasta el final", "sin observar hasta el final"],
            ),
        }
    }

    /// What is done with ports by default.
    pub(crate) const fn policy(self, policy: Policy) -> &'static str {
        match policy {
            Policy::Silent => self.either("silent", "silencio"),
            Policy::Reject => self.either("rejecting", "un error ICMP"),
            Policy::Reset => self.either("answering with a RST", "un RST"),
        }
    }

    /// Why ports were not tested, and what to do about it. Only for reasons that leave a port untested.
    pub(crate) const fn untested_because(self, reason: Reason) -> &'static str {
        match self {
            Self::En => because_en(reason),
            Self::Es => because_es(reason),
        }
    }
}

const fn because_en(reason: Reason) -> &'static str {
    match reason {
        Reason::LocalLimit => {
            "this machine ran out of descriptors, local ports or buffers. Raise `ulimit -n` or \
             lower --max-inflight, and scan them again."
        }
        Reason::LocalRoute => {
            "this machine had no route to them, its interface was down, or its own firewall \
             refused. Mend that, or choose another --interface or --source, and scan them again."
        }
        Reason::Interrupted => {
            "the scan was stopped before their turn. If it is kept, picaporte resume goes on with it."
        }
        Reason::OutOfScope => {
            "they lie outside the scope that was set, or its time was over. Nothing was sent to them."
        }
        Reason::HostSilent => "their hosts gave no sign of life, and such hosts were to be left.",
        Reason::HostBanned => "their hosts began to turn this machine away.",
        Reason::PathDown => "the path to them was down. Scan them again when it is up.",
        Reason::Unresolved => "no address was found. Check the spelling, or DNS.",
        Reason::TimeLimit => {
            "the time set by --host-timeout or --max-time was over. If the scan is kept, picaporte \
             resume goes on with it; or allow more, and scan them again."
        }
        _ => "of a reason that this version does not know.",
    }
}

const fn because_es(reason: Reason) -> &'static str {
    match reason {
        Reason::LocalLimit => {
            "esta máquina se quedó sin descriptores, puertos locales o memoria intermedia. Suba `ulimit -n` o baje --max-inflight, y \
             vuelva a escanearlos."
        }
        Reason::LocalRoute => {
            "esta máquina no tenía ruta hasta ellos, su interfaz estaba caída o su propio cortafuegos se negó. Corríjalo, o elija otra \
             --interface o --source, y vuelva a escanearlos."
        }
        Reason::Interrupted => {
            "el escaneo se detuvo antes de que les llegara el turno. Si está guardado, picaporte resume lo continúa."
        }
        Reason::OutOfScope => {
            "están fuera del alcance indicado, o su plazo había terminado. No se les envió nada."
        }
        Reason::HostSilent => "sus equipos no dieron señales de vida, y así se pidió dejarlos.",
        Reason::HostBanned => "sus equipos empezaron a rechazar a esta máquina.",
        Reason::PathDown => {
            "el camino hasta ellos estaba caído. Vuelva a escanearlos cuando funcione."
        }
        Reason::Unresolved => "no se encontró ninguna dirección. Revise el nombre, o el DNS.",
        Reason::TimeLimit => {
            "se agotó el tiempo fijado con --host-timeout o --max-time. Si el escaneo está guardado, picaporte resume lo continúa; si no, \
             dé más tiempo y vuelva a escanearlos."
        }
        _ => "por un motivo que esta versión no conoce.",
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_reason_of_an_untested_port_has_its_own_sentence() {
        let untested = Reason::ALL.iter().filter(|r| r.state() == State::Untested);
        for lang in Lang::ALL {
            let sentences: BTreeSet<_> = untested
                .clone()
                .map(|&reason| lang.untested_because(reason))
                .collect();
            assert_eq!(sentences.len(), untested.clone().count());
            assert!(!sentences.contains(lang.untested_because(Reason::SynAck)));
        }
    }

    /// What stands beside states in other formats, and in the documents.
    #[test]
    fn in_english_states_have_the_names_of_the_contract() {
        for state in State::ALL {
            assert_eq!(Lang::En.state(state), state.name());
            assert_ne!(Lang::Es.state(state), state.name());
            assert_eq!(Lang::Es.states(state, 1), Lang::Es.state(state));
        }
    }
}
