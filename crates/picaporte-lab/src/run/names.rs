//! Names inside a world: its own `/etc/hosts`, and no resolver beyond it, so that no question leaves.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result};
use nix::mount::{MsFlags, mount};

use crate::scenario::Scenario;

/// Puts files of this world over the machine's, for this process and what it starts.
pub(super) fn resolve_only(scenario: &Scenario) -> Result<()> {
    let mut hosts = String::from("127.0.0.1 localhost\n::1 localhost\n");
    for (name, ips) in &scenario.names {
        for ip in ips {
            writeln!(hosts, "{ip} {name}").expect("writing to a string does not fail");
        }
    }
    cover("/etc/hosts", &hosts)?;
    cover(
        "/etc/resolv.conf",
        "nameserver 127.0.0.1\noptions timeout:1 attempts:1\n",
    )?;
    cover("/etc/nsswitch.conf", "hosts: files\n")
}

fn cover(file: &str, text: &str) -> Result<()> {
    // What is not there needs no cover, and can't be covered.
    if !Path::new(file).exists() {
        return Ok(());
    }
    let cover = format!("/run/{}", file.trim_start_matches('/').replace('/', "-"));
    fs::write(&cover, text).with_context(|| format!("writing {cover}"))?;
    let none = None::<&str>;
    mount(Some(cover.as_str()), file, none, MsFlags::MS_BIND, none)
        .with_context(|| format!("mounting {cover} over {file}"))
}
