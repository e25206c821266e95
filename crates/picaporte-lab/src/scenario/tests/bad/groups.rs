//! Groups of hosts that are wrong, and rules.

use super::{Cases, HOSTS, SCAN, hosts, numbered, rule, top};

#[rustfmt::skip]
pub(super) fn groups() -> Cases {
    let many = HOSTS.repeat(1_025);
    let prefixes = numbered(4_097, |n| format!("'10.{}.{}.1',", n / 256, n % 256));
    let two = |first: &str, second: &str| {
        top(&format!(
            "{SCAN}[[hosts]]\naddresses = [{first}]\n[[hosts]]\naddresses = [{second}]\n"
        ))
    };
    let of = |addresses: &str| {
        top(&format!(
            "{SCAN}[paths.p]\nhops = 3\n[[hosts]]\naddresses = [{addresses}]\n"
        ))
    };
    vec![
        ("more groups than there may be", top(&format!("{SCAN}{many}"))),
        ("more prefixes than there may be", of(&prefixes)),
        ("addresses missing", top(&format!("{SCAN}[[hosts]]\nalive = 0.5\n"))),
        ("addresses empty", of("")),
        ("no address", of("'host'")),
        ("address range", of("'198.18.0.1-9'")),
        ("address of a multicast group", of("'224.0.0.1'")),
        ("address of loopback", of("'127.0.0.0/24'")),
        ("address that is none", of("'0.0.0.0'")),
        ("broadcast address", of("'255.255.255.255'")),
        ("IPv6 loopback", of("'::1'")),
        ("link-local address", of("'fe80::1'")),
        ("address with a zone", of("'fe80::1%eth0'")),
        ("everything", of("'0.0.0.0/0'")),
        ("IPv4 written as IPv6", of("'::ffff:198.18.0.1'")),
        ("prefix with the scanner", of("'198.51.100.0/24'")),
        ("prefix with a far router", of("'203.0.113.0/28'")),
        ("prefix with the IPv6 routers", of("'2001:db8::/32'")),
        ("address twice in a group", of("'198.18.0.1', '198.18.0.1'")),
        ("address in two groups", two("'198.18.0.1'", "'198.18.0.1'")),
        ("prefix in a wider group before", two("'198.18.0.0/16'", "'198.18.7.0/24'")),
        ("unknown key of a group", hosts("oppen = [22]\n")),
        ("unknown path", hosts("path = 'q'\n")),
        ("path not said", top(&format!("{SCAN}[paths.p]\n[paths.q]\n{HOSTS}"))),
        ("absent unknown", hosts("absent = 'gone'\n")),
        ("absent without a router", top(&format!("{SCAN}{HOSTS}absent = 'host-unreachable'\n"))),
        ("stack unknown", hosts("stack = 'windows'\n")),
        ("proxy without a hop", hosts("proxy = { then = 'reset' }\n")),
        ("proxy beyond the path", hosts("proxy = { hop = 4 }\n")),
        ("proxy that does something else", hosts("proxy = { hop = 1, then = 'drop' }\n")),
        ("RST limit with a burst of 0", hosts("rst_limit = { per_second = 200, burst = 0 }\n")),
        ("ICMP limit with a burst of 0", hosts("icmp_limit = { per_peer = { per_second = 1, burst = 0 } }\n")),
        ("listen queue of 0", hosts("listen_queue = { length = 0, per_second = 1 }\n")),
        ("listen queue that is never emptied", hosts("listen_queue = { length = 1, per_second = 0 }\n")),
        ("first SYN is the 0th", hosts("answers_from = 0\n")),
        ("first SYN is the 11th", hosts("answers_from = 11\n")),
    ]
}

#[rustfmt::skip]
pub(super) fn rules() -> Cases {
    let otherwise = |words: &str| hosts(&format!("otherwise = {{ {words} }}\n"));
    let long = "x".repeat(16_385);
    let many = "{ ports = '1', share = 0.5, is = 'open' },".repeat(257);
    vec![
        ("more rules than there may be", hosts(&format!("ports = [{many}]\n"))),
        ("rule without ports", rule("is = 'open'")),
        ("rule that says nothing", rule("ports = '1'")),
        ("rule of unknown kind", rule("ports = '1', is = 'filtered'")),
        ("unknown key of a rule", rule("ports = '1', is = 'open', banner = 'x'")),
        ("rule that is never reached", hosts("ports = [{ ports = '1-9', is = 'open' }, { ports = '5', is = 'closed' }]\n")),
        ("ports is a string", hosts("ports = '22'\n")),
        ("share of a rule above 1", rule("ports = '1', is = 'open', share = 2")),
        ("open at a hop", rule("ports = '1', is = 'open', at = 1")),
        ("closed at a hop", rule("ports = '1', is = 'closed', at = 1")),
        ("dropped beyond the path", rule("ports = '1', is = 'dropped', at = 4")),
        ("dropped at hop 0", rule("ports = '1', is = 'dropped', at = 0")),
        ("dropped at a hop of a path without hops", top(&format!("{SCAN}{HOSTS}ports = [{{ ports = '1', is = 'dropped', at = 2 }}]\n"))),
        ("rejected without ICMP", rule("ports = '1', is = 'rejected'")),
        ("rejected with unknown ICMP", rule("ports = '1', is = 'rejected', icmp = 'nope'")),
        ("rejected with a number too large", rule("ports = '1', is = 'rejected', icmp = '3/256'")),
        ("dropped with ICMP", rule("ports = '1', is = 'dropped', icmp = '3/1'")),
        ("reset without a hop", rule("ports = '1', is = 'reset'")),
        ("reset beyond the path", rule("ports = '1', is = 'reset', at = 9")),
        ("closed that speaks", rule("ports = '1', is = 'closed', says = 'x'")),
        ("dropped that is slow", rule("ports = '1', is = 'dropped', after = '1s'")),
        ("echo that answers", rule("ports = '1', is = 'open', echoes = true, answers = 'x'")),
        ("too much said", rule(&format!("ports = '1', is = 'open', says = '{long}'"))),
        ("too much answered", rule(&format!("ports = '1', is = 'open', answers = '{long}'"))),
        ("otherwise without kind", otherwise("at = 1")),
        ("otherwise that speaks", otherwise("is = 'open', says = 'x'")),
        ("otherwise rejected without ICMP", otherwise("is = 'rejected'")),
        ("otherwise beyond the path", otherwise("is = 'dropped', at = 4")),
    ]
}
