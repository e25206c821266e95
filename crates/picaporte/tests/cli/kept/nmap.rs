//! nmap's formats as other programs read them: xmllint by nmap's own DTD, ndiff, python-libnmap, and our own `diff`. All of them
//! must be there: Debian has them in libxml2-utils, nmap-common, ndiff and python3-libnmap.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use picaporte::States;
use serde_json::Value;

use super::sample::{Sample, place};
use super::{printed, run};
use crate::{must_refuse, path, text};

/// A kept scan, and its files.
struct Written {
    _directory: tempfile::TempDir,
    xml: PathBuf,
    jsonl: PathBuf,
}

/// The `n`-th scan, killed after so many findings, or whole.
fn written(n: u64, show: States, killed: Option<usize>, options: &str) -> Written {
    let (directory, store) = place();
    let sample = Sample::new(n, show);
    match killed {
        None => drop(sample.keep(&store)),
        Some(findings) => sample.keep_beginning(&store, findings),
    }
    let file = |name: &str| directory.path().join(name);
    let (xml, jsonl) = (file("scan.xml"), file("scan.jsonl"));
    let files = format!("-o {} -o {}", path(&xml), path(&jsonl));
    printed(&store, &format!("show -q {files} {options}"));
    Written {
        _directory: directory,
        xml,
        jsonl,
    }
}

/// Every kind of scan that the samples have.
fn all(options: &str) -> Vec<Written> {
    let shown = [States::ALL, States::OPEN, States::NONE];
    let whole = shown.map(|show| written(1, show, None, options));
    let killed = [0, 1, 400].map(|findings| written(2, States::ALL, Some(findings), options));
    whole.into_iter().chain(killed).collect()
}

fn run_other(program: &str, arguments: &[&str]) -> Output {
    let output = Command::new(program).args(arguments).output();
    output.unwrap_or_else(|error| panic!("{program} must be there: {error}"))
}

#[track_caller]
fn must_end_with(output: &Output, code: i32) {
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{stdout}\n{stderr}");
}

#[test]
fn xml_is_valid_by_nmaps_own_dtd() {
    let validate = |xml: &Path| {
        let dtd = [
            "--noout",
            "--nonet",
            "--dtdvalid",
            "/usr/share/nmap/nmap.dtd",
        ];
        run_other("xmllint", &[&dtd[..], &[path(xml)]].concat())
    };
    for scan in all("--xml-strict") {
        must_end_with(&validate(&scan.xml), 0);
    }
    let own_name = validate(&written(1, States::OPEN, None, "").xml);
    let says = text(&own_name.stderr);
    let scanner =
        "Value \"picaporte\" for attribute scanner of nmaprun is not among the enumerated set";
    assert!(says.contains(scanner), "{says}");
    let wrong: Vec<_> = says
        .lines()
        .filter(|line| line.contains("validity error"))
        .collect();
    assert_eq!(wrong.len(), 1, "nothing but the name is wrong: {says}");
}

#[test]
fn our_own_diff_finds_the_same_in_it_as_in_json_lines() {
    let (_directory, nowhere) = place();
    for scan in all("") {
        let line = format!("diff {} {}", path(&scan.xml), path(&scan.jsonl));
        let (there, back) = (run(&nowhere, &line), {
            let line = format!("diff {} {}", path(&scan.jsonl), path(&scan.xml));
            run(&nowhere, &line)
        });
        for output in [there, back] {
            must_end_with(&output, 0);
            assert!(
                text(&output.stdout).contains("The same: "),
                "{}",
                text(&output.stdout)
            );
        }
    }
}

#[test]
fn ndiff_reads_it_and_sees_what_changed() {
    for scan in all("") {
        must_end_with(&run_other("ndiff", &[path(&scan.xml), path(&scan.xml)]), 0);
    }
    let (old, new) = (
        written(1, States::OPEN, None, ""),
        written(2, States::OPEN, None, ""),
    );
    let differ = run_other("ndiff", &[path(&old.xml), path(&new.xml)]);
    must_end_with(&differ, 1);
    let open = format!("{}\n", text(&differ.stdout));
    assert!(open.contains("/tcp") && open.contains(" open "), "{open}");
}

/// Of each host its address, whether it is up, its open ports and how many are not listed; then counts of the scan.
const LIBNMAP: &str = "\
import json, sys
from libnmap.parser import NmapParser
report = NmapParser.parse_fromfile(sys.argv[1])
hosts = {h.address: [h.is_up(), [p for p, _ in h.get_open_ports()], [s['id'] for s in h.scripts_results]] for h in report.hosts}
print(json.dumps({'hosts': hosts, 'up': report.hosts_up, 'total': report.hosts_total, 'started': report.started}))
";

#[test]
fn libnmap_reads_the_same_open_ports_as_json_lines_has() {
    for scan in all("") {
        // Debian's own interpreter, which has Debian's packages.
        let output = run_other("/usr/bin/python3", &["-c", LIBNMAP, path(&scan.xml)]);
        must_end_with(&output, 0);
        let read: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        let told = std::fs::read_to_string(&scan.jsonl).expect("the file");
        let told = told
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"));
        let hosts: Vec<Value> = told
            .filter(|o: &Value| o["type"] == "host" && o["ip"].is_string())
            .collect();
        assert_eq!(read["total"], hosts.len());
        let mut up = 0;
        for host in &hosts {
            let same = &read["hosts"][host["ip"].as_str().expect("an address")];
            let count = |state: &str| host[state].as_u64().expect("a count");
            let tested = count("open") + count("closed") + count("filtered") > 0;
            up += u64::from(tested);
            assert_eq!(same[0], tested, "{host}");
            assert_eq!(open(&same[1]).len() as u64, count("open"), "{host}");
            let all: BTreeSet<_> = ports(host["ports"]["open"].as_str().expect("a list"));
            assert_eq!(open(&same[1]), all);
        }
        assert_eq!(read["up"], up);
        assert!(read["started"].is_u64());
    }
}

fn open(list: &Value) -> BTreeSet<u64> {
    let list = list.as_array().expect("a list").iter();
    list.map(|port| port.as_u64().expect("a port")).collect()
}

fn ports(list: &str) -> BTreeSet<u64> {
    let mut all = BTreeSet::new();
    for item in list.split(',').filter(|item| !item.is_empty()) {
        let (first, last) = item.split_once('-').unwrap_or((item, item));
        let port = |text: &str| text.parse::<u64>().expect("a port");
        all.extend(port(first)..=port(last));
    }
    all
}

#[test]
fn to_be_strict_needs_xml_that_can_be() {
    let (_directory, store) = place();
    Sample::new(1, States::OPEN).keep(&store);
    let says = ["--xml-strict", "-o FILE.xml", "--format xml"];
    for line in [
        "show --xml-strict",
        "show --xml-strict -o scan.gnmap",
        "resume --xml-strict",
        "scan 127.0.0.1 -p 9 --xml-strict --dry-run",
    ] {
        must_refuse(&run(&store, line), &says);
    }
    let shown = printed(&store, "show --xml-strict --format xml");
    assert!(shown.contains("<nmaprun scanner=\"nmap\" "));
    let shown = printed(&store, "show --format xml");
    assert!(shown.contains("<nmaprun scanner=\"picaporte\" "));
}
