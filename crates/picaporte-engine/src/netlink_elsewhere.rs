//! Systems without rtnetlink: nobody tells, so nothing is concluded.

use std::io;

use picaporte_core::{Address, Departure};

#[derive(Debug)]
pub(crate) struct Watch;

impl Watch {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn lost(&mut self) -> bool {
        false
    }
}

#[derive(Debug)]
pub(crate) struct Neighbours;

impl Neighbours {
    pub(crate) fn new() -> io::Result<Self> {
        Ok(Self)
    }

    pub(crate) fn state(&mut self, _: Address, _: u32) -> Departure {
        Departure::Unknown
    }
}
