//! Who listens in a group's namespace, and the firewall before it. Knows no links and no routes.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::sync::Arc;

use nix::sys::resource::{Resource, getrlimit};
use picaporte_core::PortSet;

use super::plan::Plan;
use super::rules::Shared;
use super::{RealError, rules};
use crate::netns::Netns;
use crate::scenario::{Act, Service};
use crate::server::Listener;

/// The most ports of one group that have listeners of their own; with more open ports of one kind, or when descriptors are
/// few, one listener takes them all.
pub const MOST_LISTENERS: usize = 4_096;

/// The first port of the listeners that take other ports' connections; they are on loopback, out of a scanner's reach.
const FIRST_SHARED: u16 = 20_000;

/// A quarter of the descriptors that this process may have: the others are for connections.
pub(super) fn listeners_at_most() -> usize {
    getrlimit(Resource::RLIMIT_NOFILE).map_or(0, |(soft, _)| (soft / 4) as usize)
}

/// A socket to listen on.
struct Wanted {
    at: SocketAddr,
    service: Arc<Service>,
    for_tproxy: bool,
}

/// Opens the listeners of a group and loads its firewall.
pub(super) fn listen(
    plan: &Plan<'_>,
    netns: &Netns,
    budget: &mut usize,
) -> Result<Vec<Listener>, RealError> {
    let own = with_own_listeners(plan, budget);
    let free = (FIRST_SHARED..).filter(|port| !own.contains(*port));
    let (mut wanted, mut shared) = (Vec::new(), Vec::new());
    for (acting, number) in plan.open().zip(free) {
        let Act::Open(service) = acting.act else {
            continue;
        };
        let service = Arc::new(service.clone());
        let all_ports = !acting.ports.iter().all(|port| own.contains(port));
        if !all_ports {
            wanted.extend(acting.ports.iter().map(|port| Wanted {
                at: SocketAddr::from((Ipv6Addr::UNSPECIFIED, port)),
                service: Arc::clone(&service),
                for_tproxy: false,
            }));
        }
        if all_ports || !acting.single.is_empty() {
            let loopback: [IpAddr; 2] = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
            let at = loopback.map(|ip| SocketAddr::new(ip, number));
            wanted.extend(at.map(|at| Wanted {
                at,
                service: Arc::clone(&service),
                for_tproxy: true,
            }));
            shared.push(Shared {
                acting,
                all_ports,
                at,
            });
        }
    }
    // The firewall first: no port is open before its neighbours are shut.
    netns.nft(&rules::of_hosts(plan, &shared))?;
    netns.inside(|| {
        wanted
            .into_iter()
            .map(Wanted::open)
            .collect::<Result<Vec<_>, _>>()
    })?
}

impl Wanted {
    fn open(self) -> Result<Listener, RealError> {
        let made = if self.for_tproxy {
            Listener::for_tproxy(self.at, self.service)
        } else {
            Listener::on_port(self.at.port(), self.service)
        };
        made.map_err(|source| RealError::Listen {
            what: self.at.to_string(),
            source,
        })
    }
}

/// The ports that get listeners of their own, and what is left of the budget.
fn with_own_listeners(plan: &Plan<'_>, budget: &mut usize) -> PortSet {
    let mut own = PortSet::default();
    for acting in plan.open() {
        let both = own.union(&acting.ports);
        if both.len() as usize <= MOST_LISTENERS && acting.ports.len() as usize <= *budget {
            *budget -= acting.ports.len() as usize;
            own = both;
        }
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::real::plan::with_plan;

    #[test]
    fn listeners_of_their_own_are_bounded() {
        let own = |ports: &str, mut budget: usize| {
            let hosts = format!(
                "addresses = [\"198.18.0.1\"]\n[[hosts.ports]]\nports = \"{ports}\"\nis = \"open\"\n\
                 [[hosts.ports]]\nports = \"60000\"\nis = \"open\"\nechoes = true\n"
            );
            let own = with_plan(&hosts, |plan| with_own_listeners(plan, &mut budget));
            (own.len(), budget)
        };
        assert_eq!(own("1-4095", 5_000), (4_096, 904));
        // The ports of one kind have listeners together, or not at all.
        assert_eq!(own("1-4096", 5_000), (4_096, 904));
        assert_eq!(own("1-4097", 5_000), (1, 4_999));
        assert_eq!(own("1-100", 99), (1, 98));
    }
}
