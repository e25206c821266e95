//! The scope file: what somebody with the right to do so has allowed to be scanned, written as TOML, checked, and made a
//! [`Scope`] that the engine holds every attempt against. `docs/scope.md` shows one.
//!
//! It opens no file and resolves no name: whoever calls it hands in the bytes, and the addresses that names stand for in this
//! run. A name lets in what it resolved to, but never what is excluded, nor this machine's loopback, nor link-local addresses:
//! those who run the name's DNS are not those who allowed the scan.
//!
//! ```
//! use picaporte::{NoLookup, scope::ScopeFile};
//!
//! let text = b"[allowed]\nnetworks = ['192.0.2.0/24']\n[excluded]\nnetworks = ['192.0.2.1']\n";
//! let scope = ScopeFile::parse(text, &NoLookup).unwrap().scope(&|_| Vec::new());
//! assert!(scope.allows("192.0.2.7".parse::<std::net::IpAddr>().unwrap().into(), 443));
//! assert!(!scope.allows("192.0.2.1".parse::<std::net::IpAddr>().unwrap().into(), 443));
//! ```

use std::net::IpAddr;

use jiff::Timestamp;
use picaporte_core::scope::Limits;
use picaporte_core::target::{AddressRange, Lookup};
use picaporte_core::{Address, PortSet, Scope};

mod check;
mod entries;
mod raw;
mod read;
#[cfg(test)]
mod tests;

pub use picaporte_toml::{Mistake, Text, Wrong};
pub(crate) use read::sha256;

/// No larger file is read, in bytes.
pub const MOST_BYTES: u64 = 1 << 20;
/// The most ranges of addresses that one file may stand for, and the most names.
pub const MOST_RANGES: usize = 1 << 16;
/// See above; every one of them is resolved for each scan.
pub const MOST_NAMES: usize = 1_024;

/// A scope file, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScopeFile {
    /// SHA-256 of the file's bytes, in hexadecimal digits.
    pub sha256: String,
    /// Who allowed the scan.
    pub authorised_by: Option<String>,
    /// How to reach them.
    pub contact: Option<String>,
    /// From when on.
    pub valid_from: Option<Timestamp>,
    /// The first moment that is too late.
    pub valid_until: Option<Timestamp>,
    /// What may be scanned.
    pub allowed: Listed,
    /// What may not, whatever is allowed.
    pub excluded: Listed,
    /// How fast, at most.
    pub limits: Limits,
    /// What is harmless but hardly meant, in the order of the file.
    pub warnings: Vec<Wrong>,
}

/// Addresses, names and ports as a file lists them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// Networks as they are written.
    pub networks: Vec<String>,
    /// Names, in small letters.
    pub names: Vec<String>,
    /// Ports; `None` where the file says nothing of them.
    pub ports: Option<PortSet>,
    ranges: Vec<AddressRange>,
}

impl ScopeFile {
    /// Reads and checks a file; `lookup` knows the services and zones of this machine.
    ///
    /// # Errors
    /// The first thing that can't be read, or that can't be meant.
    pub fn parse(bytes: &[u8], lookup: &dyn Lookup) -> Result<Self, Wrong> {
        read::parse(bytes, lookup)
    }

    /// Every name, each once: those that allow, and those that exclude.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        let names = self.allowed.names.iter().chain(&self.excluded.names);
        names.map(String::as_str)
    }

    /// What may be asked, with the addresses that each name stands for in this run.
    pub fn scope(&self, addresses: &dyn Fn(&str) -> Vec<IpAddr>) -> Scope {
        let of = |name: &String| {
            let name = name.clone();
            let all = addresses(&name).into_iter();
            all.map(move |ip| (name.clone(), ip))
        };
        let range = |ip: IpAddr| Address::new(ip).range();
        let named = self.allowed.names.iter().flat_map(of);
        let named = named.filter(|(name, ip)| lets_in(name, *ip));
        let denied = self.excluded.names.iter().flat_map(of);
        let allowed = self.allowed.ranges.iter().copied();
        let excluded = self.excluded.ranges.iter().copied();
        let ms = |at: Timestamp| u64::try_from(at.as_millisecond()).unwrap_or(0);
        Scope::new(
            allowed.chain(named.map(|(_, ip)| range(ip))),
            excluded.chain(denied.map(|(_, ip)| range(ip))),
        )
        .with_ports(self.ports())
        .with_limits(self.limits)
        .with_period(self.valid_from.map(ms), self.valid_until.map(ms))
    }

    fn ports(&self) -> PortSet {
        let allowed = self.allowed.ports.clone().unwrap_or_else(PortSet::all);
        match &self.excluded.ports {
            Some(excluded) => allowed.minus(excluded),
            None => allowed,
        }
    }
}

/// Whether a name may let this address in. This machine's own addresses and those that mean something else on every link are
/// allowed as networks or not at all; `localhost` says by itself what it is (RFC 6761, section 6.3).
pub fn lets_in(name: &str, ip: IpAddr) -> bool {
    let loopback = name == "localhost" || name.ends_with(".localhost");
    match ip.to_canonical() {
        IpAddr::V4(ip) => (loopback || !ip.is_loopback()) && !ip.is_link_local(),
        IpAddr::V6(ip) => (loopback || !ip.is_loopback()) && !ip.is_unicast_link_local(),
    }
}
