//! The tests by theme, each named by what it shows.

mod accounting;
mod caps;
mod every_error;
mod hostile;
mod identify;
mod kept;
mod lateness;
mod limits;
mod locate;
mod loopback;
mod not_open;
mod on_the_wire;
mod opens;
mod output;
mod planned;
mod policies;
mod reverse;
mod scope;
mod states;

use std::net::IpAddr;

use libtest_mimic::{Failed, Trial};

/// Every test.
pub(crate) fn trials() -> Vec<Trial> {
    // The longest first, so that none of them is left alone at the end.
    let themes = [
        kept::trials(),
        identify::trials(),
        hostile::trials(),
        loopback::trials(),
        locate::trials(),
        scope::trials(),
        accounting::trials(),
        limits::trials(),
        lateness::trials(),
        caps::trials(),
        on_the_wire::trials(),
        not_open::trials(),
        planned::trials(),
        states::trials(),
        every_error::trials(),
        opens::trials(),
        policies::trials(),
        reverse::trials(),
        output::trials(),
    ];
    themes.into_iter().flatten().collect()
}

/// One trial per address family of a test that takes the target's address.
fn per_family(name: &str, test: fn(IpAddr) -> Result<(), Failed>) -> Vec<Trial> {
    let trial = |target: IpAddr| {
        let family = if target.is_ipv4() { "ipv4" } else { "ipv6" };
        Trial::test(format!("{name}_{family}"), move || test(target))
    };
    crate::world::TARGETS.map(trial).into()
}
