//! What a scan with `--locate` looks at once more: of each host one port for each kind of verdict. It chooses, and begins;
//! where a port is answered is found out elsewhere.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::time::Duration;

use picaporte_core::locate::{Locate, Settings, Sought};
use picaporte_core::scan::HostReport;
use picaporte_core::scope::Limits;
use picaporte_core::{Address, Plan, PortSet, Reason, time};
use picaporte_engine::{Control, EngineError, Locating, Network};

/// The most ports of one scan: at up to 5 s each, 20 minutes.
const MOST: usize = 256;
/// The most of them that are of hosts which never answered, so that these leave room for those that did.
const MOST_SILENT: usize = 64;
/// Ports of a host that answered, asked for comparison beside the samples.
const COMPARED: usize = 2;
/// A scan that is capped has used up its last second.
const SECOND: time::Duration = time::Duration::from_secs(1);

/// The ports chosen so far.
#[derive(Debug, Default)]
pub(crate) struct Samples {
    hosts: Vec<Sought>,
    ports: usize,
    left_out: u64,
    /// Those that answered, which the scan has proven.
    answered: BTreeSet<(Address, u16)>,
    /// Networks of which a host that gave no sign of life is among them: where one is swallowed, its neighbours are.
    silent: BTreeSet<(IpAddr, u32)>,
}

impl Samples {
    /// Chooses among the ports of a host that is done.
    pub(crate) fn add(&mut self, host: &HostReport) {
        let ports = kinds(host);
        let is_silent = host.open.is_empty() && host.closed.is_empty() && host.rejected.is_empty();
        if ports.is_empty() || is_silent && !self.silent.insert(network(host.address)) {
            return;
        }
        if self.ports + ports.len() > MOST || is_silent && self.silent.len() > MOST_SILENT {
            self.left_out += ports.len() as u64;
            return;
        }
        self.ports += ports.len();
        let answered = |port: &&u16| host.open.contains(**port) || host.closed.contains(**port);
        let those = ports.iter().filter(answered);
        self.answered
            .extend(those.map(|&port| (host.address, port)));
        self.hosts.push(Sought {
            address: host.address,
            compared: compared(host, &ports),
            ports,
        });
    }

    /// How many are chosen.
    pub(crate) fn len(&self) -> usize {
        self.ports
    }

    /// Whether the scan has proven that this one of them answers.
    pub(crate) fn answered(&self, address: Address, port: u16) -> bool {
        self.answered.contains(&(address, port))
    }

    /// How many would have been, had there been room.
    pub(crate) fn left_out(&self) -> u64 {
        self.left_out
    }

    /// Begins to locate them, in the order of addresses, under what is left of the caps of the scan, `elapsed` after its beginning.
    ///
    /// # Errors
    /// As [`picaporte_engine::locate`].
    pub(crate) fn begin(
        &mut self,
        plan: &Plan,
        network: &Network,
        control: Control,
        elapsed: Duration,
    ) -> Result<Locating, EngineError> {
        self.hosts.sort_by_key(|host| host.address);
        let scan = plan.settings();
        let capped = scan.pace.rate.or(scan.pace.host_rate).is_some();
        let settings = Settings {
            not_before: if capped { SECOND } else { time::Duration::ZERO },
            max_time: scan.max_time.map(|limit| limit - elapsed.into()),
            ..Settings::default()
        };
        let mut locate = Locate::new(&self.hosts, &settings);
        locate.keep_within(Limits {
            rate: scan.pace.rate,
            host_rate: scan.pace.host_rate,
            max_inflight: Some(scan.pace.max_inflight),
            host_inflight: Some(scan.pace.host_inflight),
        });
        let network = Network {
            threads: Some(1),
            ..network.clone()
        };
        Ok(picaporte_engine::locate(locate, &network)?.heeding(control))
    }
}

/// One port of each kind: closed, open, rejected, silent. Those that answer come first, as they tell how far away the host is.
fn kinds(host: &HostReport) -> Vec<u16> {
    let silent = host.filtered.minus(&host.rejected);
    // Silence towards the link is no matter of hops.
    let silent = if host.counts.of(Reason::NoResponse) == 0 {
        PortSet::empty()
    } else {
        silent
    };
    let kinds = [&host.closed, &host.open, &host.rejected, &silent];
    kinds
        .into_iter()
        .filter_map(|ports| ports.iter().next())
        .collect()
}

/// Others of its ports that answered, the last of each kind.
fn compared(host: &HostReport, chosen: &[u16]) -> Vec<u16> {
    let last = |ports: &PortSet| ports.ranges().last().map(|&(_, last)| last);
    let answered = [last(&host.closed), last(&host.open)];
    let others = answered
        .into_iter()
        .flatten()
        .filter(|port| !chosen.contains(port));
    others.take(COMPARED).collect()
}

/// The /24 or /64 of an address, and its zone.
fn network(address: Address) -> (IpAddr, u32) {
    let prefix = match address.ip {
        IpAddr::V4(ip) => IpAddr::V4((u32::from(ip) & 0xffff_ff00).into()),
        IpAddr::V6(ip) => IpAddr::V6((u128::from(ip) & !u128::from(u64::MAX)).into()),
    };
    (prefix, address.scope)
}

#[cfg(test)]
mod tests {
    use picaporte_core::tally::Counts;

    use super::*;

    fn ports(ports: &[u16]) -> PortSet {
        PortSet::from_ports(ports.iter().copied())
    }

    fn host(
        address: [u8; 4],
        open: &[u16],
        closed: &[u16],
        filtered: &[u16],
        rejected: &[u16],
    ) -> HostReport {
        let mut counts = Counts::default();
        counts.add_many(Reason::NoResponse, (filtered.len() - rejected.len()) as u64);
        let address = Address::new(address.into());
        HostReport {
            counts,
            open: ports(open),
            closed: ports(closed),
            filtered: ports(filtered),
            rejected: ports(rejected),
            ..HostReport::blank(0, address)
        }
    }

    #[test]
    fn one_port_of_each_kind_those_that_answer_first() {
        let mut samples = Samples::default();
        samples.add(&host(
            [192, 0, 2, 7],
            &[22, 80, 443],
            &[1, 2, 9],
            &[5, 25, 26],
            &[25, 26],
        ));
        samples.add(&host([192, 0, 2, 8], &[80], &[], &[1, 2], &[]));
        let [all, open] = &samples.hosts[..] else {
            panic!("{samples:?}");
        };
        assert_eq!(all.ports, [1, 22, 25, 5]);
        assert_eq!(all.compared, [9, 443]);
        assert_eq!(open.ports, [80, 1]);
        assert!(open.compared.is_empty());
        assert_eq!((samples.len(), samples.left_out()), (6, 0));
    }

    #[test]
    fn of_hosts_that_never_answered_one_in_each_network() {
        let mut samples = Samples::default();
        for last in 0..4 {
            samples.add(&host([192, 0, 2, last], &[], &[], &[1, 2], &[]));
            samples.add(&host([198, 51, 100, last], &[], &[], &[1, 2], &[]));
        }
        assert_eq!((samples.len(), samples.left_out()), (2, 0));
    }

    #[test]
    fn neighbours_that_are_missing_are_not_looked_for_on_the_way() {
        let mut samples = Samples::default();
        let mut absent = host([192, 0, 2, 7], &[], &[], &[1, 2], &[]);
        absent.counts = Counts::default();
        absent.counts.add_many(Reason::HostUnreach, 2);
        samples.add(&absent);
        assert_eq!(samples.len(), 0);
    }

    #[test]
    fn hosts_that_never_answered_leave_room_for_those_that_did() {
        let mut samples = Samples::default();
        for network in 0..100 {
            samples.add(&host([10, 0, network, 1], &[], &[], &[1], &[]));
        }
        assert_eq!((samples.len(), samples.left_out()), (MOST_SILENT, 36));
        samples.add(&host([192, 0, 2, 7], &[22], &[], &[1], &[]));
        assert_eq!(samples.len(), MOST_SILENT + 2);
        assert_eq!(samples.answered.len(), 1);
    }

    #[test]
    fn there_is_a_bound_and_what_is_beyond_is_counted() {
        let mut samples = Samples::default();
        for n in 0..200_u8 {
            samples.add(&host([192, 0, 2, n], &[22], &[23], &[], &[]));
        }
        assert_eq!((samples.len(), samples.left_out()), (MOST, 144));
    }

    #[test]
    fn the_networks_of_both_families() {
        let of = |text: &str| network(Address::new(text.parse().unwrap())).0.to_string();
        assert_eq!(of("192.0.2.77"), "192.0.2.0");
        assert_eq!(of("2001:db8:1:2:3:4:5:6"), "2001:db8:1:2::");
    }
}
