//! Targets and ports that are none.

use picaporte_core::port::PortError;
use picaporte_core::target::TargetError;

use super::Spanish;

impl Spanish for TargetError {
    fn spanish(&self) -> String {
        match self {
            Self::Empty => "un objetivo vacío".to_owned(),
            Self::BadIpv4(text) => {
                format!("'{text}' no es una dirección IPv4: cuatro números de 0 a 255")
            }
            Self::BadIpv6(text) => format!("'{text}' no es una dirección IPv6"),
            Self::BadPrefix { text, max } => {
                format!("'{text}' no tiene una longitud de prefijo válida: de 0 a {max}")
            }
            Self::Backwards(text) => {
                format!("el rango '{text}' va hacia atrás; escriba primero la dirección menor")
            }
            Self::TooManyRanges(text) => format!(
                "'{text}' se divide en más de 1\u{202f}048\u{202f}576 rangos separados; escríbalo como prefijos CIDR"
            ),
            Self::BadName(text) => {
                format!("'{text}' no es ni una dirección, ni un rango, ni un nombre de equipo")
            }
            Self::List(text) => format!(
                "'{text}' lleva una coma: escriba los objetivos separados por espacios, y los rangos como 192.0.2.1-50"
            ),
            Self::NoZone { text, zone } => {
                format!("'{text}' nombra la zona '{zone}', que esta máquina no tiene")
            }
            Self::Brackets(text) => format!(
                "'{text}' lleva corchetes que no encierran una dirección IPv6; escríbalo como [2001:db8::1]:443"
            ),
            Self::Ports { text, error } => {
                format!("en el objetivo '{text}', {}", error.spanish())
            }
        }
    }
}

impl Spanish for PortError {
    fn spanish(&self) -> String {
        match self {
            Self::Empty(list) => format!(
                "un elemento vacío en la lista de puertos '{list}'; escríbala como 22,80,8000-8100"
            ),
            Self::OutOfRange(text) => {
                format!("'{text}' no es un puerto: los puertos van de 1 a 65535")
            }
            Self::Backwards(text) => format!(
                "el rango de puertos '{text}' va hacia atrás; escriba primero el puerto menor"
            ),
            Self::Unknown(text) => format!(
                "'{text}' no es ni un puerto, ni un rango de puertos, ni el nombre de un servicio conocido"
            ),
        }
    }
}
