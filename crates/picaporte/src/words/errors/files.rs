//! Files that people wrote and that can't be read: where, in words; what stands there is told by whoever read it.

use super::Spanish;
use crate::scope::{Mistake, Wrong};

impl Spanish for Wrong {
    fn spanish(&self) -> String {
        match self.line {
            0 => self.what.spanish(),
            line => {
                let what = self.what.spanish();
                format!("línea {line}, columna {}: {what}", self.column)
            }
        }
    }
}

impl Spanish for Mistake {
    fn spanish(&self) -> String {
        match self {
            Self::Said(text) => text.es.clone(),
            Self::Target(error) => error.spanish(),
            Self::Ports(error) => error.spanish(),
        }
    }
}
