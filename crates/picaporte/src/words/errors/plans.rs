//! Plans that can't be made.

use picaporte_core::PlanError;

use super::Spanish;

impl Spanish for PlanError {
    fn spanish(&self) -> String {
        match self {
            Self::NoTarget => {
                "ningún objetivo: indique al menos una dirección, un rango o un nombre de equipo, o use --targets-file"
                    .to_owned()
            }
            Self::NothingLeft => {
                "no queda nada que escanear: todos los objetivos están excluidos o son direcciones que nunca se escanean"
                    .to_owned()
            }
            Self::TooMany(probes) => format!(
                "{probes} sondas son más de 2^53, lo máximo que cabe en un plan; indique menos objetivos o puertos"
            ),
            Self::NeverScanned(address) => format!(
                "el objetivo '{address}' es una dirección de multidifusión, de difusión o reservada, que nunca se escanea"
            ),
            // What a command line can say is refused before, with its option.
            Self::Settings(what) => format!("los ajustes del escaneo no valen: {what}"),
            Self::Parts(what) => format!("ningún plan tiene esas partes: {what}"),
        }
    }
}
