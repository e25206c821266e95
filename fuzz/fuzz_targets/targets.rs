//! Targets and ports as anybody may write them: parsed or refused, never a panic, and what is
//! accepted prints as something that parses to the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_core::PortSet;
use picaporte_core::target::{NoLookup, Target};

fuzz_target!(|text: &str| {
    let _ = Target::parse(text, &NoLookup);
    if let Ok(set) = PortSet::parse(text, &|_| None) {
        assert_eq!(PortSet::parse(&set.to_string(), &|_| None), Ok(set));
    }
});
