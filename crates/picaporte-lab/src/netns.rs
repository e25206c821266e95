//! Network namespaces with names, and the programs of the system that fill them. Whoever makes one is already inside
//! namespaces of its own (`isolation`), so that nothing made here touches the machine. Knows no scenario.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::thread;

use nix::sched::{CloneFlags, setns};

/// What was tried, and what came of it.
#[derive(Debug, thiserror::Error)]
pub enum NetnsError {
    /// A program of the system could not be started.
    #[error(
        "`{command}` can't be started: {source}; the packages iproute2 and nftables hold `ip` and `nft`"
    )]
    NotStarted {
        /// The whole command line.
        command: String,
        /// What the system said.
        source: io::Error,
    },
    /// A program of the system ended with an error.
    #[error("`{command}`: {said}{}", advice(said))]
    Failed {
        /// The whole command line.
        command: String,
        /// Its standard error, or its exit status where it said nothing.
        said: String,
    },
    /// A file could not be read or written, or a namespace not be entered.
    #[error("{tried}: {source}")]
    Io {
        /// What was tried, on what.
        tried: String,
        /// What the system said.
        source: io::Error,
    },
    /// Work in a namespace panicked.
    #[error("work inside the namespace {0} panicked")]
    Panicked(String),
}

/// What to do about a few refusals whose words do not tell.
fn advice(said: &str) -> &'static str {
    if said.contains("Operation not permitted") {
        "; this needs root's rights in a network namespace of its own"
    } else if said.contains("Unknown device type") || said.contains("Operation not supported") {
        "; the kernel lacks that kind of device (for a bridge: modprobe bridge; for a veth pair: modprobe veth)"
    } else if said.contains("Could not process rule: No such file or directory") {
        "; the kernel lacks what the rule marked above needs (modprobe nf_tables, nft_numgen, nft_reject_inet, \
         nft_tproxy, nft_synproxy or nft_ct, as root)"
    } else {
        ""
    }
}

/// Runs a program to its end and hands back its standard output. It runs in the namespace of the calling thread.
///
/// # Errors
/// When it can't be started, or ends with anything but 0: with what it said.
pub fn tool(command: &[&str]) -> Result<String, NetnsError> {
    feed(command, "")
}

/// The same, with `input` on its standard input.
///
/// # Errors
/// As [`tool`].
pub fn feed(command: &[&str], input: &str) -> Result<String, NetnsError> {
    let described = || command.join(" ");
    let mut child = Command::new(command[0])
        .args(&command[1..])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|source| NetnsError::NotStarted {
            command: described(),
            source,
        })?;
    let io = |source| NetnsError::Io {
        tried: format!("talking to `{}`", described()),
        source,
    };
    let stdin = child.stdin.take();
    // `ip -batch` and `nft` complain while they read: written from a second thread, neither pipe can fill for good.
    let output = thread::scope(|scope| {
        let writer = thread::Builder::new().spawn_scoped(scope, move || {
            // A program that ended early has said why, and its status tells.
            stdin.is_some_and(|mut stdin| stdin.write_all(input.as_bytes()).is_err())
        });
        let output = child.wait_with_output();
        let _ = writer?.join();
        output
    })
    .map_err(io)?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    Err(NetnsError::Failed {
        command: described(),
        said: if said.is_empty() {
            output.status.to_string()
        } else {
            said
        },
    })
}

/// Settings of every namespace: no limits on ICMP errors, none of the checks by which a machine with one way out
/// protects itself, IPv6 addresses usable at once. An empty mask frees a type of the global limit too, which counts
/// 1,000 a second whatever the limit per receiver is.
const SETTINGS: [(&str, &str); 11] = [
    ("ipv4/icmp_ratelimit", "0"),
    ("ipv4/icmp_ratemask", "0"),
    ("ipv6/icmp/ratelimit", "0"),
    ("ipv6/icmp/ratemask", ""),
    ("ipv4/conf/all/rp_filter", "0"),
    ("ipv4/conf/default/rp_filter", "0"),
    ("ipv6/conf/all/accept_dad", "0"),
    ("ipv6/conf/default/accept_dad", "0"),
    ("ipv6/conf/default/router_solicitations", "0"),
    ("ipv6/conf/default/keep_addr_on_down", "1"),
    ("ipv6/conf/all/keep_addr_on_down", "1"),
];

/// A named network namespace with loopback up, removed on drop.
#[derive(Debug)]
pub struct Netns {
    name: String,
}

impl Netns {
    /// Makes an empty namespace: loopback only, no limits on ICMP errors, IPv6 addresses usable at once. Its name is
    /// `role` and a number that no other namespace of this process has.
    ///
    /// # Errors
    /// When `ip` is missing or refuses.
    pub fn new(role: &str) -> Result<Self, NetnsError> {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("{role}-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        tool(&["ip", "netns", "add", &name])?;
        let netns = Self { name };
        netns.ip("link set lo up")?;
        netns.sysctls(&SETTINGS)?;
        Ok(netns)
    }

    /// The name by which `ip netns` knows it.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Runs `ip ARGUMENTS` in this namespace, the arguments split at blanks.
    ///
    /// # Errors
    /// What `ip` said.
    pub fn ip(&self, arguments: &str) -> Result<String, NetnsError> {
        let mut command = vec!["ip", "-n", &self.name];
        command.extend(arguments.split_whitespace());
        tool(&command)
    }

    /// Runs every line of `commands` as `ip LINE` would, in one process; the first that fails ends it.
    ///
    /// # Errors
    /// What `ip` said, with the line's number.
    pub fn ip_batch(&self, commands: &str) -> Result<(), NetnsError> {
        feed(&["ip", "-n", &self.name, "-batch", "-"], commands).map(drop)
    }

    /// Loads nftables rules.
    ///
    /// # Errors
    /// What `nft` said; it shows the rule.
    pub fn nft(&self, rules: &str) -> Result<(), NetnsError> {
        self.exec(&["nft", "-f", "-"], rules).map(drop)
    }

    /// Loads the rules of one `input` chain of family `inet`, which accepts what no rule speaks of.
    ///
    /// # Errors
    /// As [`Netns::nft`].
    pub fn filter_input(&self, rules: &str) -> Result<(), NetnsError> {
        self.nft(&format!(
            "table inet t {{ chain input {{ type filter hook input priority 0; {rules}\n}}\n}}\n"
        ))
    }

    /// Forgets all rules.
    ///
    /// # Errors
    /// As [`Netns::nft`].
    pub fn unfilter(&self) -> Result<(), NetnsError> {
        self.nft("flush ruleset")
    }

    /// Runs a program in this namespace, with `input` on its standard input, and hands back its standard output.
    ///
    /// # Errors
    /// As [`tool`].
    pub fn exec(&self, command: &[&str], input: &str) -> Result<String, NetnsError> {
        let mut whole = vec!["ip", "netns", "exec", &self.name];
        whole.extend(command);
        feed(&whole, input)
    }

    /// Writes a setting below `/proc/sys/net` of this namespace.
    ///
    /// # Errors
    /// When the kernel has no such setting or refuses the value.
    pub fn sysctl(&self, key: &str, value: &str) -> Result<(), NetnsError> {
        self.sysctls(&[(key, value)])
    }

    /// Writes several settings below `/proc/sys/net` of this namespace.
    ///
    /// # Errors
    /// When the kernel has no such setting or refuses the value.
    pub fn sysctls(&self, settings: &[(&str, &str)]) -> Result<(), NetnsError> {
        self.inside(|| {
            settings.iter().try_for_each(|(key, value)| {
                let path = format!("/proc/sys/net/{key}");
                fs::write(&path, format!("{value}\n")).map_err(|source| NetnsError::Io {
                    tried: format!("writing '{value}' to {path} in {}", self.name),
                    source,
                })
            })
        })?
    }

    /// Runs `work` on a thread that has entered this namespace; sockets made there stay there when handed back, and
    /// programs started there run there.
    ///
    /// # Errors
    /// When the namespace can't be entered, and when `work` panics.
    pub fn inside<T: Send>(&self, work: impl FnOnce() -> T + Send) -> Result<T, NetnsError> {
        thread::scope(|scope| {
            let builder = thread::Builder::new().name(self.name.clone());
            let worker = builder
                .spawn_scoped(scope, || self.enter().map(|()| work()))
                .map_err(|source| NetnsError::Io {
                    tried: format!("starting a thread in the namespace {}", self.name),
                    source,
                })?;
            worker
                .join()
                .map_err(|_| NetnsError::Panicked(self.name.clone()))?
        })
    }

    /// Moves the calling thread, and the threads it starts, into this namespace for good.
    fn enter(&self) -> Result<(), NetnsError> {
        let path = format!("/run/netns/{}", self.name);
        let io = |source| NetnsError::Io {
            tried: format!("entering the namespace {path}"),
            source,
        };
        let file = File::open(&path).map_err(io)?;
        setns(&file, CloneFlags::CLONE_NEWNET).map_err(|errno| io(errno.into()))
    }
}

impl Drop for Netns {
    fn drop(&mut self) {
        // A failure here costs nothing: the namespace goes with the process in any case.
        let _ = tool(&["ip", "netns", "del", &self.name]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_program_says_where_it_comes_from() {
        let error = tool(&["/nonexistent/ip", "link"]).unwrap_err().to_string();
        assert!(
            error.contains("`/nonexistent/ip link`") && error.contains("iproute2"),
            "{error}"
        );
    }

    #[test]
    fn a_refusal_carries_what_was_said_and_what_to_do() {
        let said = |words: &str| {
            let script = format!("echo '{words}' >&2; exit 3");
            tool(&["sh", "-c", &script]).unwrap_err().to_string()
        };
        assert!(said("Error: Unknown device type.").contains("modprobe bridge"));
        let error = said("Error: Could not process rule: No such file or directory");
        assert!(error.contains("nft_tproxy"), "{error}");
        let error = tool(&["sh", "-c", "exit 3"]).unwrap_err().to_string();
        assert!(error.contains("exit status: 3"), "{error}");
    }

    #[test]
    fn input_larger_than_a_pipe_comes_through() {
        let input = "x".repeat(1 << 20);
        assert_eq!(feed(&["cat"], &input).unwrap(), input);
        // Nor does a program hang the caller that reads none of it.
        feed(&["true"], &input).unwrap();
    }
}
