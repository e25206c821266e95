//! Files of probes and answers as anybody may write them, the file before a line of `====` and the answer behind it: read or refused
//! with a line of the file, never a panic; and what a rule says of an answer keeps its bounds and does not depend on what was asked before.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_core::Port;
use picaporte_identify::nmap::{FIELDS, Intensity, Probes, WARNINGS};

const BETWEEN: &[u8] = b"\n====\n";

fuzz_target!(|bytes: &[u8]| {
    let split = bytes.windows(BETWEEN.len()).position(|part| part == BETWEEN);
    let (file, answer) = match split {
        Some(at) => (&bytes[..at], &bytes[at + BETWEEN.len()..]),
        None => (bytes, &bytes[..bytes.len().min(64)]),
    };
    let lines = file.split(|&byte| byte == b'\n').count();
    let probes = match Probes::read("a file", file.to_vec()) {
        Ok(probes) => probes,
        Err(wrong) => {
            assert!(wrong.line as usize <= lines, "{wrong} of {lines} lines");
            assert!(!wrong.what.to_string().is_empty() && wrong.to_string().lines().count() == 1);
            return;
        }
    };
    assert!(probes.warnings().len() <= WARNINGS);
    for (port, inside_tls) in [(22, false), (443, true)] {
        let port = Port::new(port).expect("not 0");
        let all = probes.order(port, inside_tls, Intensity::new(9).expect("9"));
        let some = probes.order(port, inside_tls, Intensity::default());
        assert!(some.len() <= all.len() && all.iter().all(|probe| !probe.send().is_empty()));
    }
    for probe in probes.iter().take(4) {
        let answered = probes.matches(probe, answer);
        assert_eq!(answered, probes.matches(probe, answer));
        let Some(found) = answered.found else { continue };
        assert!(found.cpe.len() <= FIELDS);
        let service = found.to_service(probe);
        assert_eq!(service.name.as_ref(), Some(&found.service));
        for said in [&found.product, &found.version, &found.info, &found.hostname, &found.os, &found.device] {
            assert!(said.as_ref().is_none_or(|said| (1..=512).contains(&said.len())));
        }
    }
});
