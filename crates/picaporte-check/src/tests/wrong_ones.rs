//! Policies that are wrong, or odd, in one thing each.

use crate::{MOST_BYTES, MOST_NAMES, MOST_RULES};

/// What is wrong, and a text that has it.
type Cases = Vec<(&'static str, String)>;

const TOP: &str = "otherwise = 'must_not'\n";
const HOSTS: &str = "hosts = ['192.0.2.0/24']\n";

fn named(name: &str, lines: &str) -> String {
    format!("[[rule]]\nname = '{name}'\nreason = 'it is so'\n{lines}")
}

/// A policy of one rule with these lines.
pub(super) fn rule(lines: &str) -> String {
    format!("{TOP}{}", named("a", lines))
}

/// A policy of two rules.
fn two(first: &str, second: &str) -> String {
    format!("{TOP}{}{}", named("a", first), named("b", second))
}

const DECIDED: &str = "name = 'x'\nreason = 'why'\nby = 'Jane'\nuntil = 2027-01-31\n";

/// A policy of one rule and one exception with these lines.
fn exception(lines: &str) -> String {
    format!(
        "{}[[exception]]\n{lines}",
        rule(&format!("{HOSTS}must_not = '23'\n"))
    )
}

fn groups(lines: &str) -> String {
    format!(
        "{TOP}[groups]\n{lines}{}",
        named("a", "hosts = ['@web']\nmust = '80'\n")
    )
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
    all.extend(rules());
    all.extend(hosts());
    all.extend(contradictions());
    all.extend(exceptions());
    all.extend(bounds());
    all
}

#[rustfmt::skip]
fn whole() -> Cases {
    vec![
        ("empty file", String::new()),
        ("blank file", " \n\n".to_owned()),
        ("no TOML", "must = 22 80\n".to_owned()),
        ("no default", named("a", "hosts = ['192.0.2.1']\nmust = '22'\n")),
        ("default below a table", format!("{}{TOP}", named("a", "hosts = ['192.0.2.1']\nmust = '22'\n"))),
        ("default that is none", "otherwise = 'deny'\n".to_owned()),
        ("default that is no text", "otherwise = true\n".to_owned()),
        ("answer to filtered ports that is none", format!("{TOP}must_not_filtered = 'violated'\n")),
        ("unknown key", format!("{TOP}colour = 'red'\n")),
        ("rules in the plural", format!("{TOP}[[rules]]\nname = 'a'\n")),
        ("one rule as a table", format!("{TOP}[rule]\nname = 'a'\n")),
        ("title is empty", format!("title = ''\n{TOP}")),
        ("title is too long", format!("title = '{}'\n{TOP}", "x".repeat(501))),
    ]
}

#[rustfmt::skip]
fn rules() -> Cases {
    let of = |lines: &str| format!("{TOP}[[rule]]\n{lines}");
    vec![
        ("rule without a name", of("reason = 'r'\nhosts = ['192.0.2.1']\nmust = '1'\n")),
        ("rule with an empty name", of("name = ' '\nreason = 'r'\nhosts = ['192.0.2.1']\nmust = '1'\n")),
        ("rule without a reason", of("name = 'a'\nhosts = ['192.0.2.1']\nmust = '1'\n")),
        ("rule without hosts", rule("must = '1'\n")),
        ("rule that asks nothing", rule(HOSTS)),
        ("unknown key of a rule", rule(&format!("{HOSTS}must = '1'\nports = '2'\n"))),
        ("demand with a dash", rule(&format!("{HOSTS}must-not = '1'\n"))),
        ("two rules of one name", two(&format!("{HOSTS}must = '1'\n"), "hosts = ['a.test']\nmust = '1'\n").replace("'b'", "'a'")),
        ("rule with the name of the default", rule(&format!("{HOSTS}must = '1'\n")).replace("'a'", "'otherwise'")),
        ("ports are numbers", rule(&format!("{HOSTS}must = [22, 80]\n"))),
        ("port is a number", rule(&format!("{HOSTS}must = 22\n"))),
        ("ports are empty", rule(&format!("{HOSTS}must = ''\n"))),
        ("port 0", rule(&format!("{HOSTS}may = '0'\n"))),
        ("ports backwards", rule(&format!("{HOSTS}may = '9-1'\n"))),
        ("unknown service", rule(&format!("{HOSTS}may = 'nosuch'\n"))),
        ("must have the rest", rule(&format!("{HOSTS}must = 'rest'\n"))),
        ("must and must not", rule(&format!("{HOSTS}must = '1-10'\nmust_not = '5,7,20'\n"))),
        ("must and may", rule(&format!("{HOSTS}must = '1-10'\nmay = '9-20'\n"))),
        ("may and must not", rule(&format!("{HOSTS}may = '1-10'\nmust_not = 'all'\n"))),
    ]
}

#[rustfmt::skip]
fn hosts() -> Cases {
    let one = |text: &str| rule(&format!("hosts = ['203.0.113.1', '{text}']\nmust = '1'\n"));
    vec![
        ("no hosts", rule("hosts = []\nmust = '1'\n")),
        ("hosts are one text", rule("hosts = '192.0.2.0/24'\nmust = '1'\n")),
        ("host is empty", one("")),
        ("host is no address", one("192.0.2")),
        ("prefix out of range", one("192.0.2.0/33")),
        ("bits beyond the prefix", one("192.0.2.7/24")),
        ("range backwards", one("192.0.2.9-1")),
        ("host with a port", one("192.0.2.7:80")),
        ("name with a port", one("www.example.org:80")),
        ("wildcard", one("*.example.org")),
        ("no host name", one("www example")),
        ("control characters", rule("hosts = [\"192.0.2.1\\u001b[2J\"]\nmust = '1'\n")),
        ("zone without a name", one("fe80::1%")),
        ("group that is not there", one("@web")),
        ("group that is not there, among others", format!("{TOP}[groups]\nwebs = ['192.0.2.1']\n{}", named("a", "hosts = ['@web']\nmust = '1'\n"))),
        ("group in a group", groups("web = ['@www']\nwww = ['192.0.2.1']\n")),
        ("empty group", groups("web = []\n")),
        ("group with a sign", groups("'@web' = ['192.0.2.1']\n")),
        ("group of one text", groups("web = '192.0.2.1'\n")),
        ("all hosts left out", rule(&format!("{HOSTS}without = ['192.0.0.0/16']\nmust = '1'\n"))),
        ("all names left out", rule("hosts = ['a.test']\nwithout = ['A.test.']\nmust = '1'\n")),
    ]
}

#[rustfmt::skip]
fn contradictions() -> Cases {
    let net = |demand: &str| format!("{HOSTS}{demand}\n");
    vec![
        ("must and must not, of an address", two(&net("must_not = '20-25'"), "hosts = ['192.0.2.9']\nmust = '22'\n")),
        ("must not and may, of networks", two("hosts = ['192.0.2.128/25', '10.0.0.0/8']\nmay = '23'\n", &net("must_not = '23'"))),
        ("of a name", two("hosts = ['a.test', '10.0.0.1']\nmust_not = '80'\n", "hosts = ['b.test', 'A.TEST']\nmay = 'all'\n")),
        ("of a zone and of every zone", two("hosts = ['fe80::/64']\nmust_not = '80'\n", "hosts = ['fe80::1%eth0']\nmust = '80'\n")),
        ("of IPv4 written as IPv6", two("hosts = ['::ffff:192.0.2.0/120']\nmust_not = '80'\n", "hosts = ['192.0.2.9']\nmust = '80'\n")),
        ("of a group", groups("web = ['192.0.2.9']\n") + &named("b", "hosts = ['@web']\nmust_not = '1-100'\n")),
    ]
}

#[rustfmt::skip]
fn exceptions() -> Cases {
    let rest = "hosts = ['192.0.2.7']\nports = '23'\n";
    let without = |key: &str| {
        let all = format!("{DECIDED}{rest}");
        let lines = all.lines().filter(|line| !line.starts_with(key));
        exception(&lines.map(|line| line.to_owned() + "\n").collect::<String>())
    };
    let until = |day: &str| without("until") + &format!("until = {day}\n");
    vec![
        ("exception without a name", without("name")),
        ("exception without a reason", without("reason")),
        ("exception by nobody", without("by")),
        ("exception without an end", without("until")),
        ("exception without hosts", without("hosts")),
        ("exception without ports", without("ports")),
        ("end with a time", until("2027-01-31T00:00:00Z")),
        ("end is a time", until("18:00:00")),
        ("end in quotes", until("'2027-01-31'")),
        ("end is a word", until("'never'")),
        ("end is no day", until("2027-02-30")),
        ("exception to no rule", exception(&format!("{DECIDED}{rest}rule = 'nosuch'\n"))),
        ("two exceptions of one name", exception(&format!("{DECIDED}{rest}[[exception]]\n{DECIDED}{rest}"))),
        ("exception of an unknown group", exception(&format!("{DECIDED}hosts = ['@x']\nports = '23'\n"))),
        ("unknown key of an exception", exception(&format!("{DECIDED}{rest}expires = 2027-01-31\n"))),
    ]
}

fn bounds() -> Cases {
    let rules = |n: usize| {
        let rules = (0..n).map(|i| named(&format!("r{i}"), "hosts = ['a.test']\nmay = '1'\n"));
        format!("{TOP}{}", rules.collect::<String>())
    };
    let many = |n: usize| {
        format!(
            "{TOP}[groups]\n{}",
            (0..n)
                .map(|i| format!("g{i} = ['a.test']"))
                .collect::<Vec<_>>()
                .join("\n")
        )
    };
    vec![
        (
            "too large a file",
            format!("{TOP}{}", "#".repeat(MOST_BYTES as usize)),
        ),
        ("too many rules", rules(MOST_RULES + 1)),
        ("too many groups", many(MOST_RULES + 1)),
        (
            "too many ranges at once",
            rule("hosts = ['10-15.0-255.0-255.1-254']\nmust = '1'\n"),
        ),
        ("too many ranges by a group", {
            let uses = (0..5).map(|i| named(&format!("r{i}"), "hosts = ['@g']\nmay = '1'\n"));
            format!(
                "{TOP}[groups]\ng = ['10.0-255.0-254.1-254']\n{}",
                uses.collect::<String>()
            )
        }),
        ("too many names by a group", {
            let uses = (0..40).map(|i| named(&format!("r{i}"), "hosts = ['@g']\nmay = '1'\n"));
            let names = list(MOST_NAMES / 40, |i| format!("n{i}"));
            format!("{TOP}[groups]\ng = [{names}]\n{}", uses.collect::<String>())
        }),
    ]
}

/// What is warned of.
#[rustfmt::skip]
pub(super) fn warned() -> Cases {
    let net = |lines: &str| rule(&format!("{HOSTS}{lines}"));
    let may = "hosts = ['192.0.2.7']\nmay = '22'\n";
    vec![
        ("host twice", rule("hosts = ['192.0.2.1', '192.0.2.1']\nmust = '1'\n")),
        ("host in a network", rule("hosts = ['192.0.2.1', '192.0.2.0/24']\nmust = '1'\n")),
        ("name twice", rule("hosts = ['a.test', 'A.test.']\nmust = '1'\n")),
        ("group that nobody names", format!("{TOP}[groups]\nweb = ['192.0.2.1']\n")),
        ("hosts that are never scanned", rule("hosts = ['192.0.2.1', '224.0.0.0/8']\nmust = '1'\n")),
        ("more hosts than a scan can name", rule("hosts = ['2001:db8::/64']\nmust = '1'\n")),
        ("left out and not there", net("without = ['198.51.100.1']\nmust = '1'\n")),
        ("the same twice", two(&format!("{HOSTS}must_not = '20-30'\n"), "hosts = ['192.0.2.7']\nmust_not = '23'\n")),
        ("may where everything may", rule(may).replace("must_not", "may")),
        ("exception to other ports", exception(&format!("{DECIDED}hosts = ['192.0.2.7']\nports = '24'\n")).replace(TOP, "otherwise = 'may'\n")),
        ("exception of other hosts", exception(&format!("{DECIDED}rule = 'a'\nhosts = ['198.51.100.7']\nports = '23'\n"))),
        ("exception to a default that asks nothing", exception(&format!("{DECIDED}rule = 'otherwise'\nhosts = ['192.0.2.7']\nports = '23'\n")).replace(TOP, "otherwise = 'may'\n")),
        ("several, in their order", format!("{TOP}[groups]\nx = ['192.0.2.1', '192.0.2.1']\n{}", named("a", "hosts = ['a.test', 'a.test']\nmust = '1'\n"))),
    ]
}

/// What is neither.
#[rustfmt::skip]
pub(super) fn good() -> Cases {
    vec![
        ("no rules", TOP.to_owned()),
        ("apart by hosts", two(&format!("{HOSTS}without = ['192.0.2.9']\nmust_not = '22'\n"), "hosts = ['192.0.2.9']\nmust = '22'\n")),
        ("apart by ports", two(&format!("{HOSTS}must_not = '1-21,23'\n"), "hosts = ['192.0.2.9']\nmust = '22'\n")),
        ("apart by zones", two("hosts = ['fe80::1%eth0']\nmust_not = '80'\n", "hosts = ['fe80::1%eth1']\nmust = '80'\n")),
        ("a name and an address", two("hosts = ['a.test']\nmust_not = '22'\n", "hosts = ['192.0.2.9']\nmust = '22'\n")),
        ("must and may together", two("hosts = ['192.0.2.9']\nmust = '22'\n", &format!("{HOSTS}may = '22,80'\n"))),
        ("the rest gives way", two(&format!("{HOSTS}must_not = 'rest'\n"), "hosts = ['192.0.2.9']\nmust = '22'\n")),
        ("may beside a rest", two("hosts = ['192.0.2.9']\nmay = '22'\n", &format!("{HOSTS}must_not = 'rest'\n")).replace(TOP, "otherwise = 'may'\n")),
        ("as many rules as there may be", {
            let rules = (0..MOST_RULES).map(|i| named(&format!("r{i}"), &format!("hosts = ['n{i}']\nmay = '1'\n")));
            format!("{TOP}{}", rules.collect::<String>())
        }),
        ("exception to a rest", {
            let rule = rule(&format!("{HOSTS}must_not = 'rest'\n"));
            format!("{rule}[[exception]]\n{DECIDED}hosts = ['a.test']\nports = '23'\nrule = 'a'\n").replace(TOP, "otherwise = 'may'\n")
        }),
    ]
}
