//! The cipher suite that a server chose, by its number, and the name that IANA gave it.

use std::fmt;

use super::suites::{ANY, TLS12, TLS13};

/// A cipher suite by its number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Suite(pub u16);

impl Suite {
    /// Its name in IANA's registry, of those that are [offered](super::Question).
    pub fn name(self) -> Option<&'static str> {
        let mut known = TLS13.iter().chain(TLS12).chain(ANY);
        let (_, name) = known.find(|(number, _)| *number == self.0)?;
        Some(name)
    }
}

/// Its name, or its two bytes as the registry writes them: `0xC0,0x2F`.
impl fmt::Display for Suite {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [high, low] = self.0.to_be_bytes();
        match self.name() {
            Some(name) => f.write_str(name),
            None => write!(f, "0x{high:02X},0x{low:02X}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use rustls::crypto::ring::ALL_CIPHER_SUITES;

    use super::*;

    #[test]
    fn a_suite_has_its_registered_name_or_its_number() {
        assert_eq!(
            Suite(0xC02F).to_string(),
            "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"
        );
        assert_eq!(Suite(0x1301).to_string(), "TLS_AES_128_GCM_SHA256");
        assert_eq!(Suite(0x5A0B).to_string(), "0x5A,0x0B");
    }

    /// rustls writes the names in its own way: `TLS13_AES_…` for what IANA calls `TLS_AES_…`.
    #[test]
    fn the_names_are_those_that_rustls_has() {
        for suite in ALL_CIPHER_SUITES {
            let named = format!("{:?}", suite.suite()).replace("TLS13_", "TLS_");
            assert_eq!(Suite(u16::from(suite.suite())).name(), Some(&*named));
        }
    }

    #[test]
    fn no_number_and_no_name_stands_twice() {
        let all = || TLS13.iter().chain(TLS12).chain(ANY);
        let numbers: BTreeSet<u16> = all().map(|s| s.0).collect();
        let names: BTreeSet<&str> = all().map(|s| s.1).collect();
        assert_eq!((numbers.len(), names.len()), (all().count(), all().count()));
    }
}
