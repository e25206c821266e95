//! A plan laid out one by one, for what goes about few ports in their order and not about a whole scan.

use super::Plan;
use crate::target::Address;

impl Plan {
    /// The address of the `index`-th host that is asked; `None` if there is no such host.
    pub fn address_of(&self, index: u64) -> Option<Address> {
        let rect = self.rect_of(index)?;
        Some(rect.range.nth(index - rect.base))
    }

    /// Every (address, port) of the plan, each once, by address and port, over all shards; then what lies outside the scope, in
    /// the same order. As many as the plan has: look at [`planned`](Self::planned) first.
    pub fn pairs(&self) -> impl Iterator<Item = (Address, u16)> + '_ {
        let asked = self.rects.iter().flat_map(|rect| {
            let ports = &self.lists[rect.list as usize];
            (0..rect.hosts()).flat_map(|host| {
                let address = rect.range.nth(host);
                ports.iter().map(move |&port| (address, port))
            })
        });
        asked.chain(self.outside_pairs())
    }
}

#[cfg(test)]
mod tests {
    use crate::port::PortSet;
    use crate::target::{NoLookup, Target};
    use crate::{Address, Plan};

    #[test]
    fn hosts_are_numbered_along_the_plan() {
        let mut plan = Plan::builder(PortSet::from_ports([80]));
        for target in ["192.0.2.8/31", "192.0.2.1"] {
            let target = Target::parse(target, &NoLookup).unwrap();
            plan.target(&target).unwrap();
        }
        let plan = plan.build().unwrap();
        let addresses = (0..4).map(|n| plan.address_of(n).map(|a| a.to_string()));
        let expected = ["192.0.2.1", "192.0.2.8", "192.0.2.9"].map(|a| Some(a.to_owned()));
        assert_eq!(
            addresses.collect::<Vec<_>>(),
            [&expected[..], &[None]].concat()
        );
    }

    #[test]
    fn each_pair_comes_once_in_order() {
        let mut plan = Plan::builder(PortSet::default());
        for target in ["192.0.2.8/31:80,22", "192.0.2.9:80-81"] {
            plan.target(&Target::parse(target, &NoLookup).unwrap())
                .unwrap();
        }
        let plan = plan.build().unwrap();
        let pairs: Vec<(Address, u16)> = plan.pairs().collect();
        let at = |last: u8, port| (Address::new([192, 0, 2, last].into()), port);
        assert_eq!(
            pairs,
            [at(8, 22), at(8, 80), at(9, 22), at(9, 80), at(9, 81)]
        );
        assert_eq!(pairs.len() as u64, plan.planned());
    }
}
