//! Files that can't be read: where, in words; what stands there is told by whoever read it.

use picaporte_diff::{Place, ReadError};

use super::Spanish;
use crate::scope::Wrong;

impl Spanish for Wrong {
    fn spanish(&self) -> String {
        match self.line {
            0 => self.what.clone(),
            line => format!("línea {line}, columna {}: {}", self.column, self.what),
        }
    }
}

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
            Place::Whole => self.what.clone(),
            place => format!("{}: {}", place.spanish(), self.what),
        }
    }
}
