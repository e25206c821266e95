//! Readers of nmap's formats that know nothing of who writes them.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::process::Command;

use picaporte_core::{PortSet, State};
use roxmltree::{Document, Node, ParsingOptions};
use serde_json::Value;

/// The ports of each host by state; a host without an address is not among them.
pub(in super::super) type Told = BTreeMap<String, [PortSet; 4]>;

pub(super) fn options<'a>() -> ParsingOptions<'a> {
    ParsingOptions {
        allow_dtd: true,
        ..ParsingOptions::default()
    }
}

pub(in super::super) fn parse(text: &str) -> Document<'_> {
    Document::parse_with_options(text, options()).unwrap_or_else(|error| panic!("{error}: {text}"))
}

pub(super) fn attribute<'a>(node: Node<'a, '_>, name: &str) -> &'a str {
    let value = node.attribute(name);
    value.unwrap_or_else(|| panic!("{} has no {name}", node.tag_name().name()))
}

fn children<'a, 'i>(node: Node<'a, 'i>, name: &'static str) -> impl Iterator<Item = Node<'a, 'i>> {
    node.children()
        .filter(move |child| child.has_tag_name(name))
}

fn keyed<'a, 'i>(node: Node<'a, 'i>, key: &str) -> Option<Node<'a, 'i>> {
    node.children().find(|n| n.attribute("key") == Some(key))
}

fn set(list: &str) -> PortSet {
    if list.is_empty() {
        return PortSet::empty();
    }
    PortSet::parse(list, &|_| None).unwrap()
}

fn state(name: &str) -> usize {
    let all = State::ALL.map(State::name);
    all.iter().position(|state| *state == name).unwrap()
}

fn add(told: &mut [PortSet; 4], name: &str, ports: &PortSet) {
    let set = &mut told[state(name)];
    *set = set.union(ports);
}

/// What the XML says, of which no port is told twice.
pub(in super::super) fn in_xml(text: &str) -> Told {
    let document = parse(text);
    let mut told = Told::new();
    for host in children(document.root_element(), "host") {
        let mut states: [PortSet; 4] = Default::default();
        let mut count = 0;
        for ports in children(host, "ports") {
            for port in children(ports, "port") {
                let number = attribute(port, "portid").parse().unwrap();
                let all: Vec<_> = children(port, "state").collect();
                assert_eq!(all.len(), 1, "one state per port");
                add(
                    &mut states,
                    attribute(all[0], "state"),
                    &PortSet::from_ports([number]),
                );
                count += 1;
            }
            for extra in children(ports, "extraports") {
                count += in_extra(extra, &mut states);
            }
        }
        let script = children(host, "hostscript").flat_map(|n| children(n, "script"));
        for script in script {
            for name in ["filtered", "untested"] {
                let ports = keyed(script, name).and_then(|table| keyed(table, "ports"));
                let ports = ports.and_then(|elem| elem.text()).unwrap_or_default();
                add(&mut states, name, &set(ports));
            }
        }
        let tested: u32 = states[..3].iter().map(PortSet::len).sum();
        assert_eq!(tested, count, "each port once");
        let ip = children(host, "address").next().unwrap();
        told.insert(attribute(ip, "addr").to_owned(), states);
    }
    told
}

/// Its ports, and that its reasons add up to it.
fn in_extra(extra: Node<'_, '_>, states: &mut [PortSet; 4]) -> u32 {
    let count = |node| attribute(node, "count").parse::<u32>().unwrap();
    let mut sum = 0;
    for reason in children(extra, "extrareasons") {
        sum += count(reason);
        let ports = set(reason.attribute("ports").unwrap_or_default());
        assert!(ports.is_empty() || ports.len() == count(reason));
        add(states, attribute(extra, "state"), &ports);
    }
    assert_eq!(sum, count(extra));
    sum
}

/// What the grepable lines say of the ports that are listed.
pub(in super::super) fn in_grepable(text: &str) -> BTreeMap<String, usize> {
    let mut listed = BTreeMap::new();
    for line in text.lines().filter(|line| !line.starts_with('#')) {
        let mut fields = line.split('\t');
        assert!(fields.next().unwrap().starts_with("Host: "), "{line}");
        let ports = fields.find_map(|field| field.strip_prefix("Ports: "));
        let ports = ports.filter(|ports| !ports.is_empty());
        for port in ports.into_iter().flat_map(|ports| ports.split(", ")) {
            let parts: Vec<_> = port.split('/').collect();
            assert_eq!((parts.len(), parts[2]), (8, "tcp"), "{port}");
            *listed.entry(parts[1].to_owned()).or_default() += 1;
        }
    }
    listed
}

/// What JSON Lines says, with addresses as nmap writes them.
pub(in super::super) fn in_json(objects: &[Value]) -> Told {
    let hosts = objects.iter().filter(|o| o["type"] == "host");
    let hosts = hosts.filter_map(|host| Some((host["ip"].as_str()?, &host["ports"])));
    let sets = |ports: &Value| State::ALL.map(|state| set(ports[state.name()].as_str().unwrap()));
    let bare = |ip: &str| ip.split('%').next().unwrap().to_owned();
    hosts.map(|(ip, ports)| (bare(ip), sets(ports))).collect()
}

/// Debian's nmap-common has the DTD, libxml2-utils the program.
pub(in super::super) fn must_be_valid(text: &str) {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(text.as_bytes()).unwrap();
    let mut xmllint = Command::new("xmllint");
    xmllint.args([
        "--noout",
        "--nonet",
        "--dtdvalid",
        "/usr/share/nmap/nmap.dtd",
    ]);
    let output = xmllint.arg(file.path()).output();
    let output = output.expect("xmllint runs (Debian's package libxml2-utils)");
    let says = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{says}\n{text}");
}
