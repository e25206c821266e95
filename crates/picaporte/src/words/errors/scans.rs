//! Files of scans that can't be read: where, and what stands there.

use picaporte_diff::{Damage, Failure, Other, Part, Place, ReadError, Writer};

use super::Spanish;
use super::system::said;
use crate::report::Lang;

impl Spanish for Place {
    fn spanish(&self) -> String {
        match self {
            Self::Whole => "su comienzo".to_owned(),
            Self::Line(line) => format!("línea {line}"),
            Self::Byte(byte) => format!("byte {byte}"),
        }
    }
}

impl Spanish for ReadError {
    fn spanish(&self) -> String {
        match self.place {
            Place::Whole => self.what.spanish(),
            place => format!("{}: {}", place.spanish(), self.what.spanish()),
        }
    }
}

impl Spanish for Failure {
    fn spanish(&self) -> String {
        match self {
            Self::Other(other) => other.spanish(),
            Self::Unreadable(why) => format!("no se puede leer: {}", said(Lang::Es, why)),
            Self::Long(most) => format!(
                "ocupa más de {most} bytes, el máximo que se lee; escanee y compare por partes"
            ),
            Self::LongPart { part, most } => format!(
                "{} de más de {most} bytes, el máximo que puede ocupar; el fichero está dañado, o no lo escribió un escáner",
                part.spanish()
            ),
            Self::Newer { found, known } => format!(
                "lo escribió una versión posterior (esquema {found}, esta conoce el {known}); actualice picaporte"
            ),
            Self::Full(full) => full.spanish(),
            Self::Damaged(damage, writer) => {
                let writer = match writer {
                    Writer::Picaporte => "'picaporte scan -o'",
                    Writer::Nmap => "nmap -oX",
                };
                let damage = damage.spanish();
                format!("{damage}; el fichero está dañado, o no es lo que escribe {writer}")
            }
        }
    }
}

impl Spanish for Part {
    fn spanish(&self) -> String {
        let part = match self {
            Self::Line => "una línea",
            Self::Finding => "un hallazgo",
            Self::Element => "un elemento",
        };
        part.to_owned()
    }
}

/// What to write in place of a file that can't be read.
const GIVE: &str = "indique un .jsonl o .json de Picaporte, o el XML de nmap (-oX)";

impl Spanish for Other {
    fn spanish(&self) -> String {
        match self {
            Self::Empty => format!("está vacío; {GIVE}"),
            Self::Blanks => format!("no contiene más que espacios; {GIVE}"),
            Self::Compressed => "está comprimido; descomprímalo antes".to_owned(),
            Self::Utf16 => "es texto en UTF-16; escríbalo en UTF-8".to_owned(),
            Self::NmapText => format!(
                "es la salida de nmap para leerla o para grep, que no dice todos los puertos; {GIVE}"
            ),
            Self::Text(begin) => format!("empieza por '{begin}', y no es ni JSON ni XML; {GIVE}"),
            Self::NoScan => {
                "no contiene ningún escaneo; indique lo que escribe 'picaporte scan -o', o el XML de nmap (-oX)".to_owned()
            }
            Self::NoRun => "no contiene <nmaprun>; indique lo que escribe nmap -oX".to_owned(),
            Self::CutOff => {
                "se corta en su primer registro, y no contiene nada; vuelva a escanear".to_owned()
            }
            Self::CutOffXml => {
                "se corta antes de <nmaprun>, y no contiene nada; vuelva a escanear".to_owned()
            }
        }
    }
}

impl Spanish for Damage {
    fn spanish(&self) -> String {
        match self {
            // Those who read JSON and XML have no other language.
            Self::Json(words) => format!("al leer el JSON: '{words}'"),
            Self::Xml(words) => format!("al leer el XML: '{words}'"),
            Self::Attribute { tag, said } => format!("al leer <{tag}>: '{said}'"),
            Self::Lacks { tag, key } => format!("<{tag}> no tiene '{key}'"),
            Self::Deep(most) => format!("más de {most} elementos unos dentro de otros"),
            Self::Root(tag) => format!("<{tag}> en lugar de <nmaprun>"),
            Self::PortZero => "el puerto 0, y los puertos van de 1 a 65535".to_owned(),
            Self::Port(text) => format!("'{text}' no es un puerto"),
            Self::Backwards(text) => format!("el rango de puertos '{text}' va hacia atrás"),
            Self::Ports(error) => error.spanish(),
            Self::State(text) => format!("'{text}' no es el estado de un puerto"),
            Self::Address(text) => format!("'{text}' no es una dirección"),
            Self::Name(text) => format!("'{text}' es demasiado largo para un nombre"),
            Self::Nameless => "un registro no tiene ni 'ip' ni 'name'".to_owned(),
        }
    }
}
