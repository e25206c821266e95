//! Scenario files that are wrong in one thing each.

mod groups;
mod paths;

/// What is wrong, and a text that has it.
type Cases = Vec<(&'static str, String)>;

const SCAN: &str = "[scan]\ntargets = ['198.18.0.1']\nports = '1-10'\n";
const HOSTS: &str = "[[hosts]]\naddresses = ['198.18.0.1']\n";

/// Two good lines, then these.
fn top(lines: &str) -> String {
    format!("about = 'a'\nsource = 's'\n{lines}")
}

/// A good file up to the order, then these lines in it.
fn order(lines: &str) -> String {
    top(&format!("[scan]\n{lines}{HOSTS}"))
}

/// A good file with these lines in the path `p`, of three hops.
fn path(lines: &str) -> String {
    top(&format!("{SCAN}[paths.p]\nhops = 3\n{lines}{HOSTS}"))
}

/// A good file whose only group has these lines more; its path has three hops.
fn hosts(lines: &str) -> String {
    top(&format!("{SCAN}[paths.p]\nhops = 3\n{HOSTS}{lines}"))
}

/// A good file whose only group has this one rule.
fn rule(words: &str) -> String {
    hosts(&format!("ports = [{{ {words} }}]\n"))
}

/// All of them.
pub(super) fn cases() -> Cases {
    let mut all = whole();
    all.extend(orders());
    all.extend(names());
    all.extend(paths::paths());
    all.extend(groups::groups());
    all.extend(groups::rules());
    all.extend(paths::real());
    all
}

/// What the function makes of 0 up to that number.
fn numbered(most: usize, each: impl Fn(usize) -> String) -> String {
    (0..most).map(each).collect::<Vec<_>>().concat()
}

#[rustfmt::skip]
fn whole() -> Cases {
    vec![
        ("empty file", String::new()),
        ("blank file", "\n \n".to_owned()),
        ("only a byte order mark", "\u{feff}".to_owned()),
        ("mistake after a byte order mark", format!("\u{feff}abuot = 'a'\n{SCAN}{HOSTS}")),
        ("no TOML", "this is no TOML\n".to_owned()),
        ("unclosed string", "about = 'a\n".to_owned()),
        ("unclosed list", order("targets = ['198.18.0.1'\nports = '1'\n")),
        ("about missing", format!("source = 's'\n{SCAN}{HOSTS}")),
        ("source missing", format!("about = 'a'\n{SCAN}{HOSTS}")),
        ("scan missing", top(HOSTS)),
        ("hosts missing", top(SCAN)),
        ("about empty", format!("about = ' '\nsource = 's'\n{SCAN}{HOSTS}")),
        ("source empty", format!("about = 'a'\nsource = ''\n{SCAN}{HOSTS}")),
        ("about is a number", format!("about = 5\nsource = 's'\n{SCAN}{HOSTS}")),
        ("unknown key", top(&format!("color = 'red'\n{SCAN}{HOSTS}"))),
        ("unknown key with a control character", top(&format!("\"\\u001b[31m\" = 1\n{SCAN}{HOSTS}"))),
        ("unknown table", top(&format!("{SCAN}[path.p]\nhops = 1\n{HOSTS}"))),
        ("key twice", top(&format!("about = 'b'\n{SCAN}{HOSTS}"))),
        ("table twice", top(&format!("{SCAN}{HOSTS}{SCAN}"))),
        ("world unknown", top(&format!("world = 'virtual'\n{SCAN}{HOSTS}"))),
        ("link unknown", top(&format!("link = 'token-ring'\n{SCAN}{HOSTS}"))),
        ("short is a word", top(&format!("short = 'yes'\n{SCAN}{HOSTS}"))),
        ("hosts is a table", top(&format!("{SCAN}[hosts]\naddresses = ['198.18.0.1']\n"))),
    ]
}

#[rustfmt::skip]
fn orders() -> Cases {
    let of = |line: &str| order(&format!("targets = ['198.18.0.1']\nports = '1-10'\n{line}"));
    vec![
        ("targets missing", order("ports = '1'\n")),
        ("ports missing", order("targets = ['198.18.0.1']\n")),
        ("targets empty", order("targets = []\nports = '1'\n")),
        ("targets is one string", order("targets = '198.18.0.1'\nports = '1'\n")),
        ("target is no address", order("targets = ['198.18.0']\nports = '1'\n")),
        ("target is a prefix too long", order("targets = ['198.18.0.0/33']\nports = '1'\n")),
        ("target is a name that is not there", order("targets = ['www.lab.test']\nports = '1'\n")),
        ("target of too many addresses", order("targets = ['2001:db8::/95']\nports = '1'\n")),
        ("target is loopback", order("targets = ['127.0.0.1']\nports = '1'\n")),
        ("target holds the scanner", order("targets = ['198.51.100.0/24']\nports = '1'\n")),
        ("target is a router", order("targets = ['198.51.100.1']\nports = '1'\n")),
        ("more targets than there may be", order(&format!("targets = [{}]\nports = '1'\n","'198.18.0.1',".repeat(4_097)))),
        ("port 0", order("targets = ['198.18.0.1']\nports = '0'\n")),
        ("port out of range", order("targets = ['198.18.0.1']\nports = '65536'\n")),
        ("ports backwards", order("targets = ['198.18.0.1']\nports = '9-1'\n")),
        ("ports empty", order("targets = ['198.18.0.1']\nports = ''\n")),
        ("ports by a step of 0", order("targets = ['198.18.0.1']\nports = '1-9/0'\n")),
        ("ports by name", order("targets = ['198.18.0.1']\nports = 'ssh'\n")),
        ("ports is a number", order("targets = ['198.18.0.1']\nports = 22\n")),
        ("bound without a unit", of("bound = '30'\n")),
        ("bound is a number", of("bound = 30\n")),
        ("bound too short", of("bound = '10ms'\n")),
        ("bound too long", of("bound = '31min'\n")),
        ("too few descriptors", of("descriptors = 15\n")),
        ("descriptors below 0", of("descriptors = -1\n")),
        ("no local ports", of("local_ports = 0\n")),
        ("too many local ports", of("local_ports = 28233\n")),
        ("local ports out of range", of("local_ports = 70000\n")),
        ("own address without a LAN", of("own_addresses = ['198.18.0.9/24']\n")),
        ("own address without a prefix", of("own_addresses = ['198.18.0.9']\n")),
        ("more own addresses than there may be", of(&format!("own_addresses = [{}]\n", "'198.18.0.9/24',".repeat(65)))),
        ("more steps than there may be", order(&format!("targets = ['198.18.0.1']\nports = '{}1'\n", "1-65535/2,".repeat(1_025)))),
        ("unknown key of the order", of("timeout = '5s'\n")),
        ("key of the order twice", of("ports = '1'\n")),
    ]
}

#[rustfmt::skip]
fn names() -> Cases {
    let of = |lines: &str| top(&format!("{SCAN}[names]\n{lines}{HOSTS}"));
    let many = numbered(257, |n| format!("'h{n}.test' = ['198.18.0.1']\n"));
    vec![
        ("name without address", of("'www.lab.test' = []\n")),
        ("name with something else", of("'www.lab.test' = ['198.18.0.1/24']\n")),
        ("name with one string", of("'www.lab.test' = '198.18.0.1'\n")),
        ("name with a blank", of("'www lab' = ['198.18.0.1']\n")),
        ("name with a line break", of("\"www\\nlab\" = ['198.18.0.1']\n")),
        ("name in capitals", of("'WWW.lab.test' = ['198.18.0.1']\n")),
        ("name that is an address", of("'198.18.0.9' = ['198.18.0.1']\n")),
        ("name of this machine", of("localhost = ['198.18.0.1']\n")),
        ("name without quotes", of("www.lab.test = ['198.18.0.1']\n")),
        ("name of the scanner's address", of("'www.lab.test' = ['198.51.100.2']\n")),
        ("name twice", of("a = ['198.18.0.1']\na = ['198.18.0.2']\n")),
        ("more names than there may be", of(&many)),
    ]
}
