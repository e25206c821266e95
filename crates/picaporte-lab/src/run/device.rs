//! The scanner's end of a simulated world: a TUN or TAP device `lab0`, with addresses and routes, in the network namespace
//! of the calling process.

use std::fs;
use std::io;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd};

use anyhow::{Context, Result};
use tun_rs::{DeviceBuilder, Layer, SyncDevice};

use super::ether::Ether;
use crate::netns::tool;
use crate::scenario::{Link, SCANNER_V4, SCANNER_V6, Scenario};

/// The name of the device, in every world.
pub(super) const NAME: &str = "lab0";
/// Where Linux begins (`ip_local_port_range`).
const FIRST_LOCAL_PORT: u32 = 32_768;
/// Packets that wait for the lab: as many as a scanner sends in a second.
const QUEUE: u32 = 200_000;

/// An open device.
pub(super) struct Device {
    device: SyncDevice,
    ether: Option<Ether>,
}

impl Device {
    /// Opens the device and gives it addresses and routes.
    pub(super) fn open(scenario: &Scenario) -> Result<Self> {
        let ethernet = scenario.link == Link::Ethernet;
        let layer = if ethernet { Layer::L2 } else { Layer::L3 };
        let device = DeviceBuilder::new()
            .name(NAME)
            .layer(layer)
            .enable(false)
            .build_sync()
            .map_err(|error| explain(&error))?;
        device
            .set_nonblocking(true)
            .context("making the device non-blocking")?;
        set_up(scenario, ethernet)?;
        let ether = ethernet.then(|| mac().map(Ether::new)).transpose()?;
        Ok(Self { device, ether })
    }

    /// What stands between IP packets and this device's frames, if anything does.
    pub(super) fn take_ether(&mut self) -> Option<Ether> {
        self.ether.take()
    }

    /// The next frame that the scanner's machine has sent; `None` when there is none now.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> Result<Option<usize>> {
        match self.device.recv(buffer) {
            Ok(length) => Ok(Some(length)),
            Err(error)
                if matches!(
                    error.kind(),
                    io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted
                ) =>
            {
                Ok(None)
            }
            Err(error) => Err(error).context("reading from the device lab0"),
        }
    }

    /// Delivers a frame to the scanner's machine; whether it was taken.
    pub(super) fn send(&self, frame: &[u8]) -> bool {
        self.device.send(frame).is_ok()
    }
}

impl AsFd for Device {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}

impl std::fmt::Debug for Device {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Device")
            .field("fd", &self.device.as_raw_fd())
            .finish_non_exhaustive()
    }
}

/// Packets that the kernel dropped because the lab did not fetch them in time.
pub(super) fn overruns() -> Result<u64> {
    let file = "/proc/thread-self/net/dev".to_string();
    let text = fs::read_to_string(&file).with_context(|| format!("reading {file}"))?;
    // The columns of a line: name, then eight of receiving, then bytes, packets, errors and drops of sending.
    text.lines()
        .find_map(|line| line.trim().strip_prefix("lab0:"))
        .and_then(|numbers| numbers.split_whitespace().nth(11))
        .and_then(|drops| drops.parse().ok())
        .with_context(|| format!("no line of the device lab0 in {file}"))
}

/// Whether the scanner's machine still has its device; a command that removed it has measured nothing.
pub(super) fn must_be_there() -> Result<()> {
    overruns().map(drop)
}

fn explain(error: &io::Error) -> anyhow::Error {
    let hint = match error.kind() {
        io::ErrorKind::NotFound => {
            "; it is missing: `modprobe tun` as root, or `mknod /dev/net/tun c 10 200`"
        }
        io::ErrorKind::PermissionDenied => {
            "; an ordinary user needs read and write permission on it (`chmod 0666 /dev/net/tun` as root, as most \
             distributions have it), or run this as root"
        }
        _ => "; is it the character device 10, 200?",
    };
    anyhow::anyhow!("opening /dev/net/tun for a device of the world: {error}{hint}")
}

fn mac() -> Result<[u8; 6]> {
    let output = tool(&["ip", "-br", "link", "show", "dev", NAME])?;
    let word = output
        .split_whitespace()
        .find(|word| word.matches(':').count() == 5);
    let bytes = word.map(|word| {
        word.split(':')
            .filter_map(|byte| u8::from_str_radix(byte, 16).ok())
            .collect::<Vec<_>>()
    });
    bytes
        .and_then(|bytes| bytes.try_into().ok())
        .with_context(|| format!("no link address of {NAME} in {output:?}"))
}

fn set_up(scenario: &Scenario, ethernet: bool) -> Result<()> {
    sysctl("ipv6/conf/default/accept_dad", "0")?;
    sysctl("ipv6/conf/default/router_solicitations", "0")?;
    sysctl(&format!("ipv6/conf/{NAME}/accept_dad"), "0")?;
    sysctl(&format!("ipv6/conf/{NAME}/router_solicitations"), "0")?;
    ration_local_ports(scenario)?;
    for line in addresses(scenario, ethernet) {
        let words = ["ip"].into_iter().chain(line.split_whitespace());
        tool(&words.collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Leaves the scanner's machine as many local ports as the scenario says, if it says so.
pub(super) fn ration_local_ports(scenario: &Scenario) -> Result<()> {
    let Some(ports) = scenario.scan.local_ports else {
        return Ok(());
    };
    let last = FIRST_LOCAL_PORT + u32::from(ports) - 1;
    sysctl(
        "ipv4/ip_local_port_range",
        &format!("{FIRST_LOCAL_PORT} {last}"),
    )
}

fn addresses(scenario: &Scenario, ethernet: bool) -> Vec<String> {
    let (length_v4, length_v6) = if ethernet { (24, 64) } else { (32, 128) };
    let mut lines = vec![
        // The kernel tells itself over loopback that a neighbour is missing.
        "link set lo up".to_owned(),
        // By netlink: the ioctl for it is for the machine's root alone.
        format!("link set {NAME} txqueuelen {QUEUE} addrgenmode none"),
        format!("addr add {SCANNER_V4}/{length_v4} dev {NAME}"),
        format!("-6 addr add {SCANNER_V6}/{length_v6} dev {NAME} nodad"),
        format!("link set {NAME} up"),
    ];
    for (v6, flag) in [(false, ""), (true, "-6 ")] {
        // A point-to-point link needs no gateway, but programs that look for the default route expect one.
        let onlink = if ethernet { "" } else { "onlink" };
        let gateway = crate::scenario::Path::router(0, 1, v6);
        lines.push(format!(
            "{flag}route add default via {gateway} dev {NAME} {onlink}"
        ));
    }
    if !ethernet {
        return lines;
    }
    for own in &scenario.scan.own_addresses {
        let flags = if own.addr().is_ipv6() { "nodad" } else { "" };
        lines.push(format!("addr add {own} dev {NAME} {flags}"));
    }
    let neighbours = scenario
        .hosts
        .iter()
        .filter(|hosts| scenario.paths[hosts.path].hops == 0);
    for net in neighbours.flat_map(|hosts| &hosts.addresses) {
        let flag = if net.addr().is_ipv6() { "-6 " } else { "" };
        lines.push(format!("{flag}route replace {net} dev {NAME}"));
    }
    lines
}

fn sysctl(key: &str, value: &str) -> Result<()> {
    let path = format!("/proc/sys/net/{key}");
    // A kernel without IPv6 has no such settings, and no need of them.
    if key.starts_with("ipv6") && !std::path::Path::new(&path).exists() {
        return Ok(());
    }
    fs::write(&path, value).with_context(|| format!("writing {value:?} to {path}"))
}
