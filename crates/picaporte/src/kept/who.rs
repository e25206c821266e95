//! Who scans, on which machine, as the system says.

use std::net::IpAddr;

use nix::sys::utsname::uname;
use nix::unistd::{User, getuid};
use picaporte_store::Who;

/// Who runs this program here. `source` is the address from which probes leave, where it was set.
///
/// The name is that of the user's number, from the system's list of users. Where it has none the name is empty: what the
/// environment says of it can be set by anybody.
pub fn who(source: Option<IpAddr>) -> Who {
    let uid = getuid();
    let user = User::from_uid(uid).ok().flatten();
    let machine = uname().map(|system| system.nodename().to_string_lossy().into_owned());
    Who {
        user: user.map_or_else(String::new, |user| user.name),
        uid: Some(uid.as_raw()),
        machine: machine.unwrap_or_default(),
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_user_has_a_number_and_the_machine_a_name() {
        let source = IpAddr::from([127, 0, 0, 1]);
        let who = who(Some(source));
        assert_eq!(
            (who.uid, who.source),
            (Some(getuid().as_raw()), Some(source))
        );
        let name = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap();
        assert_eq!(who.machine, name.trim_end());
    }
}
