//! The port list `common` and the names of TCP services, both read from data files built into the program.
//! It exists so that a port can be asked for, and shown, by name. It knows no protocol: a name says what a
//! port is registered or commonly used for, never what listens there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::OnceLock;

/// The list `common`: ports in order, with the names `-p` accepts for them. Its comments name its sources.
const COMMON_FILE: &str = include_str!("../data/common-ports.txt");

/// IANA's Service Name and Transport Protocol Port Number Registry (CC0), TCP only, sorted by port.
const IANA_FILE: &str = include_str!("../data/iana-services.txt");

/// What opens the title of a group in [`COMMON_FILE`].
const GROUP_MARK: &str = "# Group: ";

/// The port list `common`: the most useful to an auditor first. At least 1,000 distinct ports, none of them 0.
///
/// The first hundred hold the default port of every widely used TCP protocol; `common:N` is the first `N`.
///
/// ```
/// # use picaporte::services;
/// assert_eq!(services::common()[..2], [80, 443]);
/// ```
pub fn common() -> &'static [u16] {
    static PORTS: OnceLock<Vec<u16>> = OnceLock::new();
    PORTS.get_or_init(|| common_entries().iter().map(|entry| entry.port).collect())
}

/// The list `common` as a text to read: one line a port, in order, with IANA's name for it (`-` for none) and
/// what listens there in practice. Lines that begin with `#` are titles and name each group's sources.
pub fn common_list_text() -> &'static str {
    static TEXT: OnceLock<String> = OnceLock::new();
    TEXT.get_or_init(write_common_list)
}

/// The name IANA registered for a TCP port. Where several are registered, the one in use.
///
/// ```
/// # use picaporte::services;
/// assert_eq!(services::name(443), Some("https"));
/// assert_eq!(services::name(4), None);
/// ```
pub fn name(port: u16) -> Option<&'static str> {
    let entries = iana_entries();
    let index = entries
        .binary_search_by_key(&port, |entry| entry.port)
        .ok()?;
    entries[index].names().next()
}

/// The ports a service name stands for, ascending; empty for an unknown name. Case does not matter.
///
/// Registered names and the names of the list `common` are joined, because IANA's `irc` is port 194 while
/// the world's is 6667. A name must match as a whole: `http` is port 80 only.
///
/// ```
/// # use picaporte::services;
/// assert_eq!(services::ports_of("postgres"), [5432]);
/// assert_eq!(services::ports_of("IRC"), [194, 6667]);
/// ```
pub fn ports_of(name: &str) -> Vec<u16> {
    let ports = ports_by_name().get(&name.to_ascii_lowercase());
    ports.into_iter().flatten().copied().collect()
}

/// The ports of a service, or of the list `common` or its first part.
pub(crate) fn by_name(name: &str) -> Option<Vec<u16>> {
    let common = common();
    if name == "common" {
        return Some(common.to_vec());
    }
    if let Some(first) = name.strip_prefix("common:") {
        let digits = first.bytes().all(|b| b.is_ascii_digit());
        let first: usize = digits.then(|| first.parse().ok())??;
        return (1..=common.len())
            .contains(&first)
            .then(|| common[..first].to_vec());
    }
    let ports = ports_of(name);
    (!ports.is_empty()).then_some(ports)
}

/// One line of a data file: `443 https  # HTTP over TLS`.
struct Entry {
    port: u16,
    /// Separated by blanks, the preferred one first.
    names: &'static str,
    /// What listens there in practice; may be empty.
    usage: &'static str,
}

impl Entry {
    fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        self.names.split_ascii_whitespace()
    }
}

fn common_entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| parse(COMMON_FILE))
}

fn iana_entries() -> &'static [Entry] {
    static ENTRIES: OnceLock<Vec<Entry>> = OnceLock::new();
    ENTRIES.get_or_init(|| parse(IANA_FILE))
}

/// Both files by name in lower case.
fn ports_by_name() -> &'static BTreeMap<String, BTreeSet<u16>> {
    static PORTS: OnceLock<BTreeMap<String, BTreeSet<u16>>> = OnceLock::new();
    PORTS.get_or_init(|| {
        let mut ports: BTreeMap<String, BTreeSet<u16>> = BTreeMap::new();
        for entry in iana_entries().iter().chain(common_entries()) {
            for name in entry.names() {
                ports
                    .entry(name.to_ascii_lowercase())
                    .or_default()
                    .insert(entry.port);
            }
        }
        ports
    })
}

/// A line that is no entry is passed over here; that the shipped files have none is for the tests to say.
fn parse(file: &'static str) -> Vec<Entry> {
    file.lines().filter_map(parse_line).collect()
}

fn parse_line(line: &'static str) -> Option<Entry> {
    let (entry, usage) = line.split_once('#').unwrap_or((line, ""));
    let (port, names) = entry.trim().split_once(' ')?;
    let port = port.parse().ok().filter(|port| *port != 0)?;
    Some(Entry {
        port,
        names: names.trim(),
        usage: usage.trim(),
    })
}

fn write_common_list() -> String {
    let mut text = String::from("#port  service           in practice\n");
    for line in COMMON_FILE.lines() {
        if let Some(title) = line.strip_prefix(GROUP_MARK) {
            let _ = writeln!(text, "\n# {title}");
        } else if let Some(entry) = parse_line(line) {
            let service = name(entry.port).unwrap_or("-");
            let _ = writeln!(text, "{:>5}  {service:<16}  {}", entry.port, entry.usage);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Default ports of the widely used TCP protocols: `common:100` may miss none.
    const MUST_BE_IN_FIRST_HUNDRED: [u16; 97] = [
        21, 22, 23, 25, 43, 49, 53, 79, 80, 88, 102, 110, 111, 113, 119, 135, 139, 143, 179, 389,
        443, 445, 465, 502, 513, 514, 515, 548, 554, 563, 587, 631, 636, 853, 873, 990, 993, 995,
        1080, 1099, 1194, 1433, 1521, 1720, 1723, 1883, 2049, 2083, 2181, 2375, 2379, 2404, 3000,
        3128, 3260, 3306, 3389, 3690, 4840, 5060, 5061, 5222, 5432, 5555, 5671, 5672, 5900, 5985,
        5986, 6000, 6379, 6443, 6514, 6667, 6697, 7547, 8000, 8008, 8009, 8080, 8081, 8200, 8443,
        8500, 8883, 8888, 9000, 9042, 9090, 9092, 9100, 9200, 9418, 10250, 11211, 27017, 44818,
    ];

    fn is_entry(line: &str) -> bool {
        !line.is_empty() && !line.starts_with('#')
    }

    #[test]
    fn every_line_of_the_files_is_an_entry() {
        for file in [COMMON_FILE, IANA_FILE] {
            for line in file.lines().filter(|line| is_entry(line)) {
                let entry = parse_line(line).unwrap_or_else(|| panic!("no entry: {line}"));
                assert_ne!(entry.names, "", "{line}");
            }
        }
    }

    #[test]
    fn a_broken_line_is_no_entry() {
        for line in ["", "443", "0 none", "65536 big", "https 443", "# 80 http"] {
            assert!(parse_line(line).is_none(), "{line}");
        }
    }

    #[test]
    fn common_has_a_thousand_ports_each_once() {
        let distinct: BTreeSet<u16> = common().iter().copied().collect();
        assert!(distinct.len() >= 1_000, "{}", distinct.len());
        assert_eq!(distinct.len(), common().len());
        assert!(!distinct.contains(&0));
    }

    #[test]
    fn the_first_hundred_hold_the_widely_used_protocols() {
        let hundred = &common()[..100];
        let missing: Vec<_> = MUST_BE_IN_FIRST_HUNDRED
            .iter()
            .filter(|port| !hundred.contains(port))
            .collect();
        assert!(missing.is_empty(), "{missing:?}");
    }

    #[test]
    fn the_file_says_rightly_where_the_hundred_ends() {
        let before = COMMON_FILE
            .lines()
            .take_while(|line| !line.contains("the hundred ends above"));
        assert_eq!(before.filter(|line| is_entry(line)).count(), 100);
    }

    #[test]
    fn every_group_names_a_source_and_has_entries() {
        let mut entries = None;
        for line in COMMON_FILE.lines() {
            if let Some(title) = line.strip_prefix(GROUP_MARK) {
                assert_ne!(entries, Some(0), "nothing before: {line}");
                let source = title
                    .split_once(". Source: ")
                    .map(|(_, source)| source.trim());
                assert!(source.is_some_and(|source| !source.is_empty()), "{line}");
                entries = Some(0);
            } else if is_entry(line) {
                entries = Some(entries.unwrap_or_else(|| panic!("before any group: {line}")) + 1);
            }
        }
        assert!(entries.is_some_and(|entries| entries > 0));
    }

    #[test]
    fn registry_is_sorted_so_that_it_can_be_searched() {
        assert!(iana_entries().is_sorted_by(|a, b| a.port < b.port));
        assert!(iana_entries().len() > 5_000, "{}", iana_entries().len());
    }

    #[test]
    fn well_known_ports_have_their_well_known_names() {
        let known = [
            (21, "ftp"),
            (22, "ssh"),
            (25, "smtp"),
            (53, "domain"),
            (80, "http"),
            (111, "sunrpc"),
            (143, "imap"),
            (443, "https"),
            (445, "microsoft-ds"),
            (465, "submissions"),
            (993, "imaps"),
            (2049, "nfs"),
            (3306, "mysql"),
            (3389, "ms-wbt-server"),
            (5432, "postgresql"),
            (5985, "wsman"),
            (9200, "wap-wsp"),
        ];
        for (port, service) in known {
            assert_eq!(name(port), Some(service));
            assert!(ports_of(service).contains(&port), "{service}");
        }
        assert_eq!((name(0), name(50_000)), (None, None));
    }

    #[test]
    fn every_name_of_common_and_its_registered_name_lead_back_to_the_port() {
        for entry in common_entries() {
            for own in entry.names().chain(name(entry.port)) {
                assert!(ports_of(own).contains(&entry.port), "{own}");
            }
        }
    }

    #[test]
    fn names_in_use_are_accepted_in_any_case() {
        for (service, ports) in [
            ("http", vec![80]),
            ("HTTPS", vec![443]),
            ("elasticsearch", vec![9200]),
            ("RDP", vec![3389]),
            ("postgres", vec![5432]),
            ("winrm", vec![5985, 47001]),
            ("http-alt", vec![591, 8008, 8080]),
            ("", vec![]),
            ("htt", vec![]),
            ("no-such-service", vec![]),
            ("http www", vec![]),
        ] {
            assert_eq!(ports_of(service), ports, "{service}");
        }
    }

    #[test]
    fn a_name_of_common_is_no_port_range_and_takes_few_from_the_registry() {
        let registry = iana_entries()
            .iter()
            .flat_map(|entry| entry.names().map(|own| (own, entry.port)));
        let registry: BTreeSet<(&str, u16)> = registry.collect();
        let names: BTreeSet<&str> = registry.iter().map(|(own, _)| *own).collect();
        let mut shared = BTreeSet::new();
        for entry in common_entries() {
            for own in entry.names() {
                assert!(
                    own.bytes()
                        .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-'),
                    "{own}"
                );
                assert!(own.bytes().any(|byte| byte.is_ascii_alphabetic()), "{own}");
                if names.contains(own) && !registry.contains(&(own, entry.port)) {
                    shared.insert(own);
                }
            }
        }
        // Each of these is registered for one port and at home on another; a new one is more likely a slip.
        assert_eq!(
            Vec::from_iter(shared),
            ["dicom", "flexlm", "irc", "iscsi", "nomad", "winrm", "wins"]
        );
    }

    #[test]
    fn the_text_lists_every_port_in_order() {
        let ports = common_list_text().lines().filter(|line| is_entry(line));
        let ports: Vec<u16> = ports
            .map(|line| line.split_whitespace().next().unwrap().parse().unwrap())
            .collect();
        assert_eq!(ports, common());
        assert!(
            common_list_text()
                .contains("\n 9200  wap-wsp           Elasticsearch, OpenSearch HTTP\n")
        );
    }
}
