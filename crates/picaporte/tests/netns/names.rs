//! What the system's files say of names, for all tests of this process: a few hosts, and one name server on the loopback of
//! whichever namespace asks. Knows no test.

use std::fs;
use std::path::Path;
use std::sync::OnceLock;

use libtest_mimic::Failed;
use nix::mount::{MsFlags, mount};

/// Names for these tests in place of the machine's own, and a name server that is there only where a test has started one.
pub(crate) fn of_tests() -> Result<(), Failed> {
    static MOUNTED: OnceLock<Result<(), String>> = OnceLock::new();
    let put = || {
        let text = "127.0.0.1 localhost\n10.77.0.2 inside.test both.test\n10.80.0.7 both.test rebound.test\n127.0.0.1 rebound.test\n";
        cover("/etc/hosts", text)?;
        cover("/etc/resolv.conf", "nameserver 127.0.0.1\n")
    };
    Ok(MOUNTED.get_or_init(put).clone()?)
}

fn cover(path: &str, text: &str) -> Result<(), String> {
    let with = format!("/run/names{}", path.replace('/', "-"));
    fs::write(&with, text).map_err(|e| format!("{with}: {e}"))?;
    let none = None::<&str>;
    mount(Some(Path::new(&with)), path, none, MsFlags::MS_BIND, none)
        .map_err(|e| format!("bind {with} to {path}: {e}"))
}
