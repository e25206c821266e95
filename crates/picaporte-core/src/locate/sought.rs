//! What is asked to be located: hosts, each with its ports, and those that are asked beside them.

use crate::target::Address;

/// A host, and which of its ports are to be located.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sought {
    /// Its address.
    pub address: Address,
    /// The ports in question, in their order, each once; none of them 0.
    pub ports: Vec<u16>,
    /// Ports that are asked for comparison alone; how far away a host is comes from other ports than the one in question.
    pub compared: Vec<u16>,
}

impl Sought {
    /// Ports by host, each (address, port) once, in their order; the same ports are compared everywhere.
    pub fn by_host(ports: &[(Address, u16)], compared: &[u16]) -> Vec<Self> {
        let mut hosts: Vec<Self> = Vec::new();
        for &(address, port) in ports {
            match hosts.iter_mut().find(|known| known.address == address) {
                Some(known) if known.ports.contains(&port) => {}
                Some(known) => known.ports.push(port),
                None => hosts.push(Self {
                    address,
                    ports: vec![port],
                    compared: compared.to_vec(),
                }),
            }
        }
        hosts
    }
}
