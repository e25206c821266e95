//! Kept scans that can't be used.

use picaporte_diff::Full;

use super::Spanish;
use crate::kept::{KeptError, plan};
use crate::report::Lang;

impl Spanish for KeptError {
    fn spanish(&self) -> String {
        match self {
            Self::Format(found) => format!(
                "su plan tiene el formato {found}, y esta versión de Picaporte conoce hasta el {}; use una versión posterior",
                plan::FORMAT
            ),
            Self::Plan(why) => format!("su plan no se puede leer: {why}"),
            Self::Parts(error) => format!("su plan no se puede rehacer: {}", error.spanish()),
            Self::Scope(wrong) => format!("su alcance no se puede leer: {}", wrong.spanish()),
            Self::OtherScope => "su alcance es otro que el texto que debe guardarse".to_owned(),
            Self::Moment(ms) => {
                format!("empezó {ms} ms después de 1970, adonde no llega ningún calendario")
            }
            Self::Name(name) => format!("su nombre '{name}' no es un ULID"),
            Self::Account(why) => format!("su recuento no se puede leer: {why}"),
            Self::OtherProgress => {
                "su avance lo escribió otra versión de Picaporte; use esa versión".to_owned()
            }
            Self::Progress => "su avance no se puede leer".to_owned(),
            Self::OtherNotes => {
                "lo averiguado de sus puertos lo escribió otra versión de Picaporte; use esa versión".to_owned()
            }
            Self::Notes => "lo averiguado de sus puertos no se puede leer".to_owned(),
            Self::Store(error) => error.spanish(),
            Self::Full(full) => format!("contiene {}", full.spanish()),
        }
    }
}

impl Spanish for Full {
    fn spanish(&self) -> String {
        let number = |n: usize| Lang::Es.number(n as u64);
        match *self {
            Self::Hosts(most) => format!(
                "más de {} equipos, el máximo que se compara de una vez; escanee y compare por partes",
                number(most)
            ),
            Self::Ranges(most) => format!(
                "más de {} rangos de puertos, el máximo que se guarda de una vez; escanee y compare por partes",
                number(most)
            ),
            Self::Evidence(most) => format!(
                "más de {} pruebas distintas; compare sin --evidence, o por partes",
                number(most)
            ),
            Self::Services(most) => format!(
                "más de {} puertos con servicio, el máximo que se guarda de una vez; compare por partes",
                number(most)
            ),
        }
    }
}
