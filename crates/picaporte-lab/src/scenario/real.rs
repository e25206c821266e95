//! What a world of real kernels can't play: everything that needs a clock of one's own. Said at the place in the file.

use toml::Spanned;

use super::World;
use super::raw::{Hosts, Path, Scenario};
use super::wrong::{Wrong, refuse_if};

/// Refuses what only a simulated world has.
pub(super) fn check(raw: &Scenario) -> Result<(), Wrong> {
    if raw.world == World::Simulated {
        return Ok(());
    }
    refuse_if(
        raw.link.as_ref(),
        |_| true,
        "a real world is always joined by Ethernet; leave 'link' out",
    )?;
    raw.paths
        .values()
        .try_for_each(|path| path_of_kernels(path.get_ref()))?;
    raw.hosts
        .iter()
        .try_for_each(|hosts| hosts_of_kernels(hosts.get_ref()))
}

fn simulated<T>(key: &str, value: Option<&Spanned<T>>) -> Result<(), Wrong> {
    value.map_or(Ok(()), |value| {
        Err(Wrong::at(
            value,
            format!(
                "'{key}' needs a simulated world; leave it out, or write world = \"simulated\""
            ),
        ))
    })
}

fn path_of_kernels(path: &Path) -> Result<(), Wrong> {
    simulated("rtt", path.rtt.as_ref())?;
    simulated("jitter", path.jitter.as_ref())?;
    simulated("bursts", path.bursts.as_ref())?;
    simulated("bursts_out", path.bursts_out.as_ref())?;
    simulated("bursts_back", path.bursts_back.as_ref())?;
    simulated("reorder", path.reorder.as_ref())?;
    simulated("duplicate", path.duplicate.as_ref())?;
    simulated("outages", path.outages.as_ref())?;
    simulated("bandwidth", path.bandwidth.as_ref())?;
    simulated("icmp_limit", path.icmp_limit.as_ref())?;
    simulated("nat", path.nat.as_ref())?;
    simulated("ips", path.ips.as_ref())
}

fn hosts_of_kernels(hosts: &Hosts) -> Result<(), Wrong> {
    simulated("absent", hosts.absent.as_ref())?;
    simulated("stack", hosts.stack.as_ref())?;
    simulated("rst_limit", hosts.rst_limit.as_ref())?;
    simulated("icmp_limit", hosts.icmp_limit.as_ref())?;
    simulated("listen_queue", hosts.listen_queue.as_ref())?;
    simulated("answers_from", hosts.answers_from.as_ref())?;
    let rules = hosts.ports.iter().flatten();
    rules
        .map(Spanned::get_ref)
        .try_for_each(|rule| simulated("after", rule.after.as_ref()))
}
