//! What a reader must know of the machine to judge the figures: kernel, cores, memory, descriptors, versions, date, and
//! whether it was busy with something else.

use std::process::{Command, Stdio};

use anyhow::{Context, Result};
use nix::sys::resource::{Resource, UsageWho, getrlimit, getrusage};
use nix::sys::time::TimeValLike as _;
use picaporte_lab::machine;

use crate::program::Paths;

/// Facts as pairs of a name and a value, in the order of the table.
#[derive(Debug)]
pub(crate) struct Machine(pub(crate) Vec<(&'static str, String)>);

impl Machine {
    /// # Errors
    /// When the limit on descriptors can't be read.
    pub(crate) fn look(paths: &Paths) -> Result<Self> {
        let (descriptors, _) =
            getrlimit(Resource::RLIMIT_NOFILE).context("reading the limit on descriptors")?;
        let own = [
            ("descriptors", descriptors.to_string()),
            ("picaporte", version(&paths.picaporte.to_string_lossy())),
            ("nmap", version("nmap")),
            ("rustscan", version("rustscan")),
        ];
        Ok(Self(machine::facts().into_iter().chain(own).collect()))
    }
}

fn version(program: &str) -> String {
    let output = Command::new(program)
        .arg("--version")
        .stdin(Stdio::null())
        .output();
    let Ok(output) = output else {
        return "not installed".to_owned();
    };
    let text = String::from_utf8_lossy(&output.stdout);
    let number = text
        .split_whitespace()
        .find(|word| word.starts_with(|c: char| c.is_ascii_digit()));
    number.unwrap_or("unknown").to_owned()
}

/// Seconds of processor that this process has used, less those of the calling thread.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn processor_of_others() -> Result<f64> {
    Ok(processor(UsageWho::RUSAGE_SELF)? - processor_of_this_thread()?)
}

/// Seconds of processor that the calling thread has used.
///
/// # Errors
/// When the system does not tell.
pub(crate) fn processor_of_this_thread() -> Result<f64> {
    processor(UsageWho::RUSAGE_THREAD)
}

fn processor(who: UsageWho) -> Result<f64> {
    let usage = getrusage(who).context("reading the use of the processor")?;
    Ok((usage.user_time() + usage.system_time()).num_microseconds() as f64 / 1e6)
}
