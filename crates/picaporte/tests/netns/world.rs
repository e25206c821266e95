//! Small networks for one test each: namespaces, the links between them, addresses, filter rules. Addresses
//! repeat from world to world, which is safe because no two worlds are joined. Knows nothing of the scanner.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use libtest_mimic::Failed;
use nix::sched::{CloneFlags, setns};

/// The interface of every namespace that has one link; the scanner's always has this name.
pub(crate) const LINK: &str = "veth0";
pub(crate) const SCANNER_V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 1);
pub(crate) const TARGET_V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
pub(crate) const TARGET_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x77, 0, 0, 0, 0, 0, 2);
pub(crate) const TARGET_LINK_LOCAL: Ipv6Addr = Ipv6Addr::new(0xfe80, 0, 0, 0, 0, 0, 0, 2);
/// In a routed world: the router's addresses on the scanner's side, and the target behind it.
pub(crate) const ROUTER_V4: Ipv4Addr = Ipv4Addr::new(10, 77, 0, 2);
pub(crate) const ROUTER_V6: Ipv6Addr = TARGET_V6;
pub(crate) const FAR_V4: Ipv4Addr = Ipv4Addr::new(10, 78, 0, 2);
pub(crate) const FAR_V6: Ipv6Addr = Ipv6Addr::new(0xfd00, 0x78, 0, 0, 0, 0, 0, 2);

/// The target of a two-namespace world, once per address family.
pub(crate) const TARGETS: [IpAddr; 2] = [IpAddr::V4(TARGET_V4), IpAddr::V6(TARGET_V6)];

/// Runs a program to its end and hands back its standard output; a failure carries command and standard error.
pub(crate) fn tool(command: &[&str]) -> Result<String, Failed> {
    feed(command, "")
}

fn feed(command: &[&str], input: &str) -> Result<String, Failed> {
    let describe =
        |what: &dyn std::fmt::Display| Failed::from(format!("`{}`: {what}", command.join(" ")));
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|e| describe(&e))?;
    if let Some(mut stdin) = child.stdin.take() {
        stdin
            .write_all(input.as_bytes())
            .map_err(|e| describe(&e))?;
    }
    let output = child.wait_with_output().map_err(|e| describe(&e))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(describe(&format_args!(
            "{}, {}",
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        )))
    }
}

/// A named network namespace with loopback up, removed on drop.
pub(crate) struct Netns {
    name: String,
}

impl Netns {
    /// Makes an empty namespace: loopback only, no ICMP rate limits, IPv6 addresses usable at once.
    pub(crate) fn new(role: &str) -> Result<Self, Failed> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{role}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        tool(&["ip", "netns", "add", &name])?;
        let netns = Self { name };
        netns.ip("link set lo up")?;
        for (key, value) in [
            ("ipv4/icmp_ratelimit", "0"),
            ("ipv6/icmp/ratelimit", "0"),
            ("ipv6/conf/all/accept_dad", "0"),
            ("ipv6/conf/default/accept_dad", "0"),
            ("ipv6/conf/default/router_solicitations", "0"),
            ("ipv6/conf/default/keep_addr_on_down", "1"),
            ("ipv6/conf/all/keep_addr_on_down", "1"),
        ] {
            netns.sysctl(key, value)?;
        }
        Ok(netns)
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// Runs `ip ARGUMENTS` in this namespace, the arguments split at blanks.
    pub(crate) fn ip(&self, arguments: &str) -> Result<String, Failed> {
        let mut command = vec!["ip", "-n", &self.name];
        command.extend(arguments.split_whitespace());
        tool(&command)
    }

    /// Loads nftables rules.
    pub(crate) fn nft(&self, rules: &str) -> Result<(), Failed> {
        let loaded = feed(
            &["ip", "netns", "exec", &self.name, "nft", "-f", "-"],
            rules,
        );
        loaded
            .map(drop)
            .map_err(|e| format!("{}\nrules:\n{rules}", e.message().unwrap_or_default()).into())
    }

    /// Loads the rules of one `input` chain of family `inet`, which accepts what no rule speaks of.
    pub(crate) fn filter_input(&self, rules: &str) -> Result<(), Failed> {
        self.nft(&format!(
            "table inet t {{ chain input {{ type filter hook input priority 0; {rules}\n}}\n}}\n"
        ))
    }

    /// Forgets all rules.
    pub(crate) fn unfilter(&self) -> Result<(), Failed> {
        self.nft("flush ruleset")
    }

    /// Writes a setting below `/proc/sys/net` of this namespace.
    pub(crate) fn sysctl(&self, key: &str, value: &str) -> Result<(), Failed> {
        let path = format!("/proc/sys/net/{key}");
        self.inside(|| fs::write(&path, value))?
            .map_err(|e| format!("{}: writing {value:?} to {path}: {e}", self.name).into())
    }

    /// Runs `work` on a thread that has entered this namespace; sockets made there stay there when handed back.
    pub(crate) fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, Failed> {
        thread::scope(|scope| {
            let worker = scope.spawn(|| self.enter().map(|()| work()));
            worker
                .join()
                .map_err(|_| Failed::from(format!("{}: a thread inside panicked", self.name)))?
        })
    }

    /// Moves the calling thread, and the threads it starts, into this namespace for good.
    fn enter(&self) -> Result<(), Failed> {
        let path = format!("/run/netns/{}", self.name);
        let file = File::open(&path).map_err(|e| Failed::from(format!("open {path}: {e}")))?;
        setns(&file, CloneFlags::CLONE_NEWNET).map_err(|e| format!("setns {path}: {e}").into())
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        // A failure here costs nothing: the namespace goes with the process in any case.
        let _ = tool(&["ip", "netns", "del", &self.name]);
    }
}

/// A scanner and its target on one link, or with a router in between.
pub(crate) struct World {
    pub(crate) scanner: Netns,
    pub(crate) target: Netns,
    /// Only in a routed world.
    pub(crate) router: Option<Netns>,
}

impl World {
    /// Scanner and target joined by one link, IPv4 and IPv6, link-local addresses fixed.
    pub(crate) fn new() -> Result<Self, Failed> {
        let (scanner, target) = (Netns::new("scanner")?, Netns::new("target")?);
        join(&scanner, &target, LINK, "77")?;
        Ok(Self {
            scanner,
            target,
            router: None,
        })
    }

    /// Scanner, router, target: the target is [`FAR_V4`] and [`FAR_V6`].
    pub(crate) fn routed() -> Result<Self, Failed> {
        let (scanner, router, target) = (
            Netns::new("scanner")?,
            Netns::new("router")?,
            Netns::new("target")?,
        );
        join(&scanner, &router, LINK, "77")?;
        join(&router, &target, "veth1", "78")?;
        router.sysctl("ipv4/ip_forward", "1")?;
        router.sysctl("ipv6/conf/all/forwarding", "1")?;
        scanner.ip("route add default via 10.77.0.2")?;
        scanner.ip("-6 route add default via fd00:77::2")?;
        target.ip("route add default via 10.78.0.1")?;
        target.ip("-6 route add default via fd00:78::1")?;
        Ok(Self {
            scanner,
            target,
            router: Some(router),
        })
    }

    /// Gives the target every address of `prefix`, reached from the scanner through its own address.
    pub(crate) fn answer_for(&self, prefix: &str) -> Result<(), Failed> {
        self.target
            .ip(&format!("route add local {prefix} dev lo"))?;
        self.scanner
            .ip(&format!("route add {prefix} via {TARGET_V4}"))?;
        Ok(())
    }
}

/// Joins two namespaces by a veth pair: `.1` and `::1` on the near end, `.2` and `::2` on the far end.
fn join(near: &Netns, far: &Netns, near_link: &str, net: &str) -> Result<(), Failed> {
    near.ip(&format!(
        "link add {near_link} type veth peer name {LINK} netns {}",
        far.name()
    ))?;
    for (netns, link, host) in [(near, near_link, 1), (far, LINK, 2)] {
        netns.ip(&format!("link set {link} addrgenmode none"))?;
        netns.ip(&format!("addr add 10.{net}.0.{host}/24 dev {link}"))?;
        netns.ip(&format!(
            "-6 addr add fd00:{net}::{host}/64 dev {link} nodad"
        ))?;
        netns.ip(&format!("-6 addr add fe80::{host}/64 dev {link} nodad"))?;
        netns.ip(&format!("link set {link} up"))?;
    }
    Ok(())
}
