//! Errors in the language of whoever reads them. Those of libraries are types with an English text; what each says in Spanish
//! stands here, by what it is about. What a system or another library says of its own is passed on, but for what files meet
//! most often.

use std::error::Error;
use std::fmt::Display;

use picaporte_core::PlanError;
use picaporte_core::port::PortError;
use picaporte_core::target::TargetError;
use picaporte_diff::{Full, ReadError};
use picaporte_engine::EngineError;
use picaporte_store::StoreError;

use super::said::Said;
use crate::kept::KeptError;
use crate::report::{Lang, UnknownFormat, UnknownLang};
use crate::scope::Wrong;

mod engine;
mod files;
mod formats;
mod kept;
mod plans;
mod scans;
mod store;
mod system;
mod targets;

pub(crate) use system::reason;

/// What says itself in Spanish beside its English text.
pub(crate) trait Spanish: Display {
    /// In Spanish.
    fn spanish(&self) -> String;

    /// In a language, without the numbers that Rust writes behind what the system says.
    fn told(&self, lang: Lang) -> String {
        system::without_number(&match lang {
            Lang::En => self.to_string(),
            Lang::Es => self.spanish(),
        })
    }
}

impl Said {
    /// What an error says in each language.
    pub(crate) fn of(error: &impl Spanish) -> Self {
        Self::new(|lang| error.told(lang))
    }
}

impl Spanish for Said {
    fn spanish(&self) -> String {
        self.text(Lang::Es).to_owned()
    }
}

/// One error in a language, whatever its type.
pub(crate) fn one(error: &(dyn Error + 'static), lang: Lang) -> String {
    known(error).map_or_else(
        || match error.downcast_ref() {
            Some(error) => reason(lang, error),
            None => error.to_string(),
        },
        |known| known.told(lang),
    )
}

/// An error in a language, with what it came from behind it.
pub(crate) fn whole(error: &anyhow::Error, lang: Lang) -> String {
    let all: Vec<String> = error.chain().map(|error| one(error, lang)).collect();
    all.join(": ")
}

/// The error itself, if it says itself in each language.
fn known<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a dyn Spanish> {
    fn of<'a, E: Error + Spanish + 'static>(
        error: &'a (dyn Error + 'static),
    ) -> Option<&'a dyn Spanish> {
        error.downcast_ref::<E>().map(|error| error as &dyn Spanish)
    }
    let types = [
        of::<Said>,
        of::<TargetError>,
        of::<PortError>,
        of::<PlanError>,
        of::<EngineError>,
        of::<StoreError>,
        of::<KeptError>,
        of::<Full>,
        of::<ReadError>,
        of::<Wrong>,
        of::<UnknownFormat>,
        of::<UnknownLang>,
    ];
    types.into_iter().find_map(|of| of(error))
}

#[cfg(test)]
mod tests;
