//! What only this machine knows, asked through the engine. Knows no flags.

use picaporte_core::target::Lookup;
use picaporte_engine::interfaces;

use super::ports;

/// The machine that this runs on.
pub(crate) struct Machine;

impl Lookup for Machine {
    fn service(&self, name: &str) -> Option<Vec<u16>> {
        ports::by_name(name)
    }

    fn zone(&self, name: &str) -> Option<u32> {
        interfaces::scope_id(name)
    }
}
