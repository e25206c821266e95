//! Formats and languages that there are not.

use super::Spanish;
use crate::report::{Format, Lang, UnknownFormat, UnknownLang};

impl Spanish for UnknownFormat {
    fn spanish(&self) -> String {
        match self {
            Self::Name(name) => format!(
                "'{name}' no es un formato; los hay {}",
                Format::names(Lang::Es)
            ),
            Self::NoExtension(file) => format!(
                "el fichero '{file}' no tiene extensión que diga su formato; las hay {}",
                Format::extensions(Lang::Es)
            ),
            Self::Extension(file) => format!(
                "la extensión de '{file}' no corresponde a ningún formato; las hay {}",
                Format::extensions(Lang::Es)
            ),
        }
    }
}

impl Spanish for UnknownLang {
    fn spanish(&self) -> String {
        format!(
            "'{}' no es un idioma en que se escriban informes; escriba en o es",
            self.name()
        )
    }
}
