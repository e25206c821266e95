//! What open ports said before their connections were closed, until their verdicts are told.

use std::collections::BTreeMap;

use picaporte_core::Address;

/// One port, and what it said.
pub(crate) type Greeting = (Address, u16, Vec<u8>);

/// So many are kept; later ones are not. A verdict comes within a second of its greeting.
const MOST: usize = 4_096;

#[derive(Debug, Default)]
pub(super) struct Greetings(BTreeMap<(Address, u16), Vec<u8>>);

impl Greetings {
    pub(super) fn hear(&mut self, heard: Vec<Greeting>) {
        for (address, port, bytes) in heard {
            if self.0.len() < MOST {
                self.0.insert((address, port), bytes);
            }
        }
    }

    pub(super) fn take(&mut self, address: Address, port: u16) -> Option<Vec<u8>> {
        self.0.remove(&(address, port))
    }

    /// A host is told: what nobody took of it, nobody will, canaries' greetings among them.
    pub(super) fn forget(&mut self, address: Address) {
        let ports: Vec<u16> = (self.0.range((address, 0)..=(address, u16::MAX)))
            .map(|((_, port), _)| *port)
            .collect();
        for port in ports {
            self.0.remove(&(address, port));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::net::Ipv4Addr;

    use super::*;

    fn address(n: u8) -> Address {
        Address::new(Ipv4Addr::new(192, 0, 2, n).into())
    }

    #[test]
    fn what_was_said_is_taken_once_and_goes_with_its_host() {
        let mut greetings = Greetings::default();
        greetings.hear(vec![
            (address(1), 22, b"SSH".to_vec()),
            (address(2), 22, b"x".to_vec()),
        ]);
        assert_eq!(greetings.take(address(1), 22), Some(b"SSH".to_vec()));
        assert_eq!(greetings.take(address(1), 22), None);
        greetings.forget(address(2));
        assert_eq!(greetings.take(address(2), 22), None);
    }

    #[test]
    fn so_many_are_kept_and_no_more() {
        let mut greetings = Greetings::default();
        greetings.hear(
            (0..=MOST)
                .map(|port| (address(1), port as u16, vec![1]))
                .collect(),
        );
        assert_eq!(greetings.0.len(), MOST);
    }
}
