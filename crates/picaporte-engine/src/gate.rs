//! The one way to a `connect()`: a [`Destination`] is made here and nowhere else, after it was held against the scope, and the
//! socket takes nothing but a destination. So no path of the code comes to a SYN past this file.

use std::sync::Arc;

use picaporte_core::{Address, Scope};

use crate::clock;

/// A port that may be asked.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Destination {
    address: Address,
    port: u16,
}

impl Destination {
    pub(crate) fn address(self) -> Address {
        self.address
    }

    pub(crate) fn port(self) -> u16 {
        self.port
    }
}

/// Lets through what is in the scope; everything, if none was set.
#[derive(Clone, Debug)]
pub(crate) struct Gate {
    scope: Option<Arc<Scope>>,
}

impl Gate {
    pub(crate) fn new(scope: Option<Arc<Scope>>) -> Self {
        Self { scope }
    }

    /// The destination, if it may be asked now.
    pub(crate) fn admit(&self, address: Address, port: u16) -> Option<Destination> {
        let destination = Destination { address, port };
        match &self.scope {
            None => Some(destination),
            Some(scope) => (scope.allows(address, port) && !is_over(scope, clock::unix_ms))
                .then_some(destination),
        }
    }

    /// Whether the scope's time is not now, so that nothing may be asked.
    pub(crate) fn is_shut(&self) -> bool {
        (self.scope.as_ref()).is_some_and(|scope| is_over(scope, clock::unix_ms))
    }
}

/// The calendar is looked at only for a scope that holds for some time. It counts the time too in which a machine sleeps, as the
/// scan's own clock does not.
fn is_over(scope: &Scope, unix_ms: impl Fn() -> u64) -> bool {
    scope.has_period() && !scope.is_valid_at(unix_ms())
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv6Addr};

    use picaporte_core::target::AddressRange;

    use super::*;

    fn network(text: &str, length: u8) -> AddressRange {
        AddressRange::prefix(text.parse().unwrap(), length).unwrap()
    }

    fn gate(scope: Scope) -> Gate {
        Gate::new(Some(Arc::new(scope)))
    }

    #[test]
    fn only_what_is_in_scope_becomes_a_destination() {
        let excluded = [network("192.0.2.128", 25)];
        let gate = gate(Scope::new([network("192.0.2.0", 24)], excluded));
        let admits = |text: &str| {
            let ip: IpAddr = text.parse().unwrap();
            // As a library may write it, not brought into any form.
            let address = Address { ip, scope: 0 };
            gate.admit(address, 80).is_some()
        };
        assert!(admits("192.0.2.127") && admits("::ffff:192.0.2.1"));
        for outside in ["192.0.2.128", "::ffff:192.0.2.128", "192.0.3.0", "::1"] {
            assert!(!admits(outside), "{outside}");
        }
    }

    #[test]
    fn without_a_scope_everything_may_be_asked_and_with_an_empty_one_nothing() {
        let address = Address::new(Ipv6Addr::LOCALHOST.into());
        assert!(Gate::new(None).admit(address, 1).is_some() && !Gate::new(None).is_shut());
        assert!(gate(Scope::default()).admit(address, 1).is_none());
    }

    #[test]
    fn a_scope_whose_time_is_not_now_lets_nothing_through() {
        let all = || Scope::new([network("192.0.2.0", 24)], []);
        let now = clock::unix_ms();
        let address = Address::new([192, 0, 2, 1].into());
        let hour = 3_600_000;
        for (from, until, open) in [
            (Some(now - hour), Some(now + hour), true),
            (None, Some(now), false),
            (Some(now + hour), None, false),
        ] {
            let gate = gate(all().with_period(from, until));
            assert_eq!(
                gate.admit(address, 80).is_some(),
                open,
                "{from:?} {until:?}"
            );
            assert_eq!(gate.is_shut(), !open);
        }
    }

    #[test]
    fn it_ends_at_the_moment_that_was_said() {
        let scope = Scope::new([network("192.0.2.0", 24)], []).with_period(Some(10), Some(20));
        let over: Vec<u64> = (8..22).filter(|&at| is_over(&scope, || at)).collect();
        assert_eq!(over, [8, 9, 20, 21]);
    }
}
