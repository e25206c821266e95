//! ndiff and python-libnmap read what nmap's XML says of services. Debian has them in ndiff and python3-libnmap.

use std::io::Write as _;
use std::process::{Command, Output};

use picaporte_core::verdict::States;
use serde_json::{Value, json};

use super::super::super::Identified;
use super::super::{Format, plain};
use super::{Sample, sample};

fn file(sample: &Sample) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let text = plain(sample, Format::Xml);
    file.write_all(text.as_bytes()).unwrap();
    file
}

fn run(program: &str, arguments: &[&std::ffi::OsStr]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{program} must be there: {error}"))
}

#[test]
fn ndiff_reads_services() {
    let mut without = sample(States::OPEN);
    without.header.identified = Identified::default();
    let (with, without) = (file(&sample(States::OPEN)), file(&without));
    let (with, without) = (with.path().as_os_str(), without.path().as_os_str());
    assert_eq!(run("ndiff", &[with, with]).status.code(), Some(0));
    let differ = run("ndiff", &["-v".as_ref(), without, with]);
    let says = String::from_utf8_lossy(&differ.stdout);
    assert_eq!(differ.status.code(), Some(1), "{says}");
    assert!(
        says.contains("OpenSSH 9.2p1 (protocol 2.0, said)"),
        "{says}"
    );
}

/// Of each open port its service, tunnel, banner and names of CPE.
const LIBNMAP: &str = "\
import json, sys
from libnmap.parser import NmapParser
report = NmapParser.parse_fromfile(sys.argv[1])
print(json.dumps({s.port: [s.service, s.tunnel, s.banner, [c.cpestring for c in s.cpelist]] for h in report.hosts for s in h.services}))
";

#[test]
fn libnmap_reads_services() {
    let xml = file(&sample(States::OPEN));
    // Debian's own interpreter, which has Debian's packages.
    let script = ["-c".as_ref(), LIBNMAP.as_ref(), xml.path().as_os_str()];
    let output = run("/usr/bin/python3", &script);
    let why = String::from_utf8_lossy(&output.stderr);
    let read: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{why}"));
    let ssh = "product: OpenSSH version: 9.2p1 extrainfo: protocol 2.0, said";
    let cpe = [
        "cpe:/a:openbsd:openssh:9.2p1",
        "cpe:/o:debian:debian_linux:12",
    ];
    assert_eq!(read["22"], json!(["ssh", "", ssh, cpe]));
    assert_eq!(
        read["443"],
        json!([
            "http",
            "ssl",
            "product: nginx version: 1.22.1",
            ["cpe:/a:f5:nginx:1.22.1"]
        ])
    );
    assert_eq!(read["5432"], json!(["postgresql", "", "", []]));
}
