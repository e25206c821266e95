//! Scope files as anybody may write them: read or refused with a place in the file, never a panic; and what is read allows
//! nothing that it excludes, however an address is written.
#![no_main]

use std::net::IpAddr;

use libfuzzer_sys::fuzz_target;
use picaporte::scope::ScopeFile;
use picaporte::{Address, NoLookup, Target};
use picaporte::core::target::What;

/// The first and the last address of what is written.
fn edges(text: &str) -> Vec<Address> {
    let ranges = match Target::parse(text, &NoLookup).map(|target| target.what) {
        Ok(What::One(address)) => vec![address.range()],
        Ok(What::Many(ranges)) => ranges,
        _ => Vec::new(),
    };
    let last = |n: u128| u64::try_from(n - 1).unwrap_or(u64::MAX);
    ranges.iter().take(16).flat_map(|r| [r.nth(0), r.nth(last(r.count()))]).collect()
}

fuzz_target!(|bytes: &[u8]| {
    let file = match ScopeFile::parse(bytes, &NoLookup) {
        Ok(file) => file,
        Err(wrong) => {
            assert!(!wrong.what.to_string().is_empty());
            let lines = bytes.iter().filter(|&&byte| byte == b'\n').count() + 1;
            assert!(wrong.line <= lines, "{wrong} of {lines} lines");
            return;
        }
    };
    let name: IpAddr = [192, 0, 2, 1].into();
    let scope = file.scope(&|_| vec![name]);
    for text in &file.excluded.networks {
        for address in edges(text) {
            assert!(!scope.holds(address), "{address}");
            if let IpAddr::V4(ip) = address.ip {
                let mapped = Address { ip: ip.to_ipv6_mapped().into(), scope: 0 };
                assert!(!scope.holds(mapped), "{address}, written as IPv6");
            }
        }
    }
    if !file.excluded.names.is_empty() {
        assert!(!scope.holds(name.into()));
    }
});
