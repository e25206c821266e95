//! Scope files that are wrong in one thing each.

/// What is wrong, and a text that has it.
type Cases = Vec<(&'static str, String)>;

const NETWORK: &str = "networks = ['192.0.2.0/24']\n";

/// A good file with these lines before its lists.
fn top(lines: &str) -> String {
    format!("{lines}[allowed]\n{NETWORK}")
}

/// A file that allows this.
fn allowed(lines: &str) -> String {
    format!("[allowed]\n{lines}")
}

/// A good file that excludes this.
fn excluded(lines: &str) -> String {
    format!("[allowed]\n{NETWORK}[excluded]\n{lines}")
}

/// A good file with this limit.
fn limit(line: &str) -> String {
    format!("[allowed]\n{NETWORK}[limits]\n{line}")
}

fn list(n: usize, each: impl Fn(usize) -> String) -> String {
    (0..n)
        .map(|i| format!("'{}',", each(i)))
        .collect::<Vec<_>>()
        .concat()
}

/// What is refused.
pub(super) fn refused() -> Cases {
    let mut all = whole();
    all.extend(networks());
    all.extend(others());
    all
}

#[rustfmt::skip]
fn whole() -> Cases {
    vec![
        ("empty file", String::new()),
        ("only a byte order mark", "\u{feff}".to_owned()),
        ("blank file", " \n\n".to_owned()),
        ("no TOML", "192.0.2.0/24\n".to_owned()),
        ("unclosed text", "contact = 'noc\n".to_owned()),
        ("unclosed list", allowed("networks = ['192.0.2.1'\n")),
        ("unknown key", top("colour = 'red'\n")),
        ("key in American English", top("authorized_by = 'Jane'\n")),
        ("key with a dash", limit("host-rate = 5\n")),
        ("key in the singular", allowed("network = ['192.0.2.1']\n")),
        ("unknown table", format!("{}[permitted]\n", top(""))),
        ("key with a control character", top("\"\\u001b[2J\" = 1\n")),
        ("key twice", top("contact = 'a'\ncontact = 'b'\n")),
        ("table twice", format!("{}[allowed]\n", top(""))),
        ("nothing allowed", "contact = 'noc'\n".to_owned()),
        ("allowed is empty", "[allowed]\n".to_owned()),
        ("lists are empty", allowed("networks = []\nnames = []\n")),
        ("only ports are allowed", allowed("ports = '80'\n")),
        ("allowed is a list", "allowed = ['192.0.2.1']\n".to_owned()),
        ("networks is one text", allowed("networks = '192.0.2.0/24'\n")),
        ("network is a number", allowed("networks = [192]\n")),
        ("authorised_by is empty", top("authorised_by = ' '\n")),
        ("authorised_by is a list", top("authorised_by = ['Jane']\n")),
        ("contact is empty", top("contact = ''\n")),
        ("contact is too long", top(&format!("contact = '{}'\n", "x".repeat(501)))),
        ("beginning without a zone", top("valid_from = 2026-01-01T00:00:00\n")),
        ("end is a date", top("valid_until = 2026-01-31\n")),
        ("end is a time", top("valid_until = 18:00:00\n")),
        ("end in quotes", top("valid_until = '2026-01-31T18:00:00Z'\n")),
        ("end is a word", top("valid_until = 'tomorrow'\n")),
        ("end is no date", top("valid_until = 2026-02-30T00:00:00Z\n")),
        ("end before the beginning", top("valid_from = 2026-02-01T00:00:00Z\nvalid_until = 2026-01-01T00:00:00Z\n")),
        ("end at the beginning", top("valid_from = 2026-02-01T01:00:00+01:00\nvalid_until = 2026-02-01T00:00:00Z\n")),
    ]
}

#[rustfmt::skip]
fn networks() -> Cases {
    let one = |text: &str| allowed(&format!("networks = ['203.0.113.1', '{text}']\n"));
    let out = |text: &str| excluded(&format!("networks = ['{text}']\n"));
    vec![
        ("network is empty", one("")),
        ("network is no address", one("192.0.2")),
        ("octet out of range", one("192.0.2.256")),
        ("prefix out of range", one("192.0.2.0/33")),
        ("bits beyond the prefix", one("192.0.2.7/24")),
        ("bits beyond the prefix, IPv6", one("2001:db8::7/64")),
        ("bits beyond the prefix, with a zone", one("fe80::7%eth0/64")),
        ("range backwards", one("192.0.2.9-1")),
        ("network with a port", one("192.0.2.7:80")),
        ("network in brackets with a port", one("[2001:db8::1]:443")),
        ("network is a name", one("www.example.org")),
        ("network is a name with a dash in front", one("-a")),
        ("link-local without a zone", one("fe80::1")),
        ("unknown zone", one("fe80::1%wlan9")),
        ("zone of an address that has none", one("2001:db8::1%eth0")),
        ("network with a control character", allowed("networks = [\"192.0.2.1\\u001b[2J\"]\n")),
        ("too many ranges at once", one("1-254.1-254.1-254.1")),
        ("too many ranges together", one("10.0-255.0-254.1', '10.1-9.0-254.2")),
        ("excluded network is none", out("192.0.2.0/255.255.255.0")),
        ("excluded network is a name", out("vpn.example.org")),
        ("allowed and excluded", out("192.0.2.0/24")),
        ("allowed and excluded by a wider one", out("192.0.0.0/16")),
        ("excluded as IPv4 in IPv6", out("::ffff:192.0.2.0/120")),
        ("allowed and excluded by two", excluded("networks = ['192.0.2.0/25', '192.0.2.128/25']\n")),
    ]
}

#[rustfmt::skip]
fn others() -> Cases {
    let name = |text: &str| allowed(&format!("names = ['{text}']\n"));
    vec![
        ("name is empty", name("")),
        ("name with a blank", name("www example")),
        ("name with a port", name("www.example.org:80")),
        ("name is an address", name("192.0.2.1")),
        ("name with a wildcard", name("*.example.org")),
        ("name is allowed and excluded", format!("{}[excluded]\nnames = ['WWW.example.org.']\n", name("www.example.org"))),
        ("too many names", allowed(&format!("names = [{}]\n", list(1025, |i| format!("n{i}"))))),
        ("too many names together", format!("{}[excluded]\nnames = [{}]\n", name("a"), list(1024, |i| format!("n{i}")))),
        ("ports are numbers", allowed(&format!("{NETWORK}ports = [80, 443]\n"))),
        ("port 0", allowed(&format!("{NETWORK}ports = '0'\n"))),
        ("port of an unknown service", allowed(&format!("{NETWORK}ports = 'nosuch'\n"))),
        ("ports backwards", allowed(&format!("{NETWORK}ports = '9-1'\n"))),
        ("ports are empty", allowed(&format!("{NETWORK}ports = ''\n"))),
        ("every port is excluded", excluded("ports = 'all'\n")),
        ("the allowed ports are excluded", format!("[allowed]\n{NETWORK}ports = '80'\n[excluded]\nports = '1-100'\n")),
        ("rate of 0", limit("rate = 0\n")),
        ("rate below 0", limit("rate = -1\n")),
        ("rate with a fraction", limit("rate = 0.5\n")),
        ("rate in words", limit("rate = '300'\n")),
        ("rate too large", limit("rate = 4294967296\n")),
        ("host_rate of 0", limit("host_rate = 0\n")),
        ("max_inflight of 0", limit("max_inflight = 0\n")),
        ("host_inflight of 0", limit("host_inflight = 0\n")),
    ]
}

/// What is warned of.
#[rustfmt::skip]
pub(super) fn warned() -> Cases {
    vec![
        ("network twice", allowed("networks = ['192.0.2.1', '192.0.2.1']\n")),
        ("network in another", allowed("networks = ['192.0.2.7', '192.0.2.0/24', '10.0.0.1']\n")),
        ("IPv4 in IPv6 in another", allowed("networks = ['192.0.2.0/24', '::ffff:192.0.2.7']\n")),
        ("networks that share addresses", allowed("networks = ['192.0.2.1-20', '192.0.2.10-30']\n")),
        ("excluded twice", excluded("networks = ['192.0.2.0/28', '192.0.2.1']\n")),
        ("excluded and never allowed", excluded("networks = ['198.51.100.0/24']\n")),
        ("never scanned", allowed("networks = ['192.0.2.1', '224.0.0.0/8']\n")),
        ("name twice", allowed("names = ['a.test', 'A.test.']\n")),
        ("excluded ports that are not allowed", format!("[allowed]\n{NETWORK}ports = '80'\n[excluded]\nports = '443'\n")),
        ("host_rate above rate", limit("rate = 10\nhost_rate = 11\n")),
        ("host_inflight above max_inflight", limit("max_inflight = 10\nhost_inflight = 11\n")),
        ("several, in their order", excluded("networks = ['198.51.100.0/24', '192.0.2.1', '192.0.2.1']\n[limits]\nrate = 1\nhost_rate = 2\n")),
    ]
}
