//! Scans that can't begin.

use picaporte_engine::{EngineError, Needed};

use super::Spanish;
use super::system::reason;
use crate::report::Lang;

impl Spanish for EngineError {
    fn spanish(&self) -> String {
        match self {
            Self::System { needed, error } => {
                let doing = match needed {
                    Needed::Thread => "al crear un hilo",
                    Needed::Readiness => {
                        "al preparar la espera de los sockets (suba 'ulimit -n' si faltan descriptores)"
                    }
                };
                let why = reason(Lang::Es, error);
                format!("el escaneo no pudo empezar: {doing}: {why}")
            }
            Self::Network {
                address,
                interface,
                error,
            } => {
                let address = address.map(|ip| format!("la dirección de origen {ip}"));
                let interface = interface
                    .as_ref()
                    .map(|name| format!("la interfaz '{name}'"));
                let both: Vec<_> = address.into_iter().chain(interface).collect();
                let why = reason(Lang::Es, error);
                format!("no se puede usar {}: {why}", both.join(" en "))
            }
            Self::Early => "el alcance todavía no está vigente; no se envió nada".to_owned(),
            Self::Late => "el alcance ya no está vigente; no se envió nada".to_owned(),
        }
    }
}
