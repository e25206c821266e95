//! Waits until what was set up is in use. The kernel brings links, bridge ports and IPv6 addresses up in the background, up
//! to a second later; a SYN that came before would be lost, and no scenario says so.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

use super::RealError;
use crate::netns::{Netns, tool};

/// The kernel takes a second where it takes any time.
const LONGEST: Duration = Duration::from_secs(10);
const BETWEEN_LOOKS: Duration = Duration::from_millis(10);

/// Returns when all links of these namespaces, and of the calling thread's, carry packets.
pub(super) fn wait<'n>(namespaces: impl Iterator<Item = &'n Netns>) -> Result<(), RealError> {
    let end = Instant::now() + LONGEST;
    for netns in namespaces.map(Some).chain([None]) {
        while let Some(late) = unready(netns)? {
            if Instant::now() > end {
                return Err(RealError::NotReady(late));
            }
            thread::sleep(BETWEEN_LOOKS);
        }
    }
    Ok(())
}

/// A link or an address that can't be used yet.
fn unready(netns: Option<&Netns>) -> Result<Option<String>, RealError> {
    let mut command = vec!["ip", "-j", "-d"];
    command.extend(netns.iter().flat_map(|netns| ["-n", netns.name()]));
    command.extend(["addr", "show"]);
    let links = tool(&command)?;
    let links: Value = serde_json::from_str(&links)
        .map_err(|_| RealError::NotReady("`ip -j addr show`, which is no JSON,".to_owned()))?;
    let late = links.as_array().into_iter().flatten().find(|link| {
        link["linkinfo"]["info_kind"] == "veth" && !(is_up(link) && addresses_are_usable(link))
    });
    Ok(late.map(|link| {
        let place = netns.map_or("the scanner's namespace", Netns::name);
        format!("link {} in {place}", link["ifname"])
    }))
}

fn is_up(link: &Value) -> bool {
    let port = &link["linkinfo"]["info_slave_data"]["state"];
    link["operstate"] == "UP" && (port.is_null() || port == "forwarding")
}

fn addresses_are_usable(link: &Value) -> bool {
    let addresses = link["addr_info"].as_array().into_iter().flatten();
    addresses
        .into_iter()
        .all(|address| address["tentative"] != true)
}
