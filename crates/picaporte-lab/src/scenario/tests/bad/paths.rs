//! Paths that are wrong, and what a real world can't have.

use super::{Cases, HOSTS, SCAN, numbered, path, top};

#[rustfmt::skip]
pub(super) fn paths() -> Cases {
    let many = numbered(16, |n| format!("[paths.p{n:02}]\nhops = 1\n"));
    let direct = |line: &str| top(&format!("{SCAN}[paths.p]\n{line}{HOSTS}"));
    vec![
        ("more paths than there may be", top(&format!("{SCAN}{many}{HOSTS}"))),
        ("unknown key of a path", path("lost = 0.1\n")),
        ("too many hops", direct("hops = 16\n")),
        ("hops out of range", direct("hops = 300\n")),
        ("hops is half", direct("hops = 1.5\n")),
        ("silent hop beyond the path", path("silent_hops = [1, 4]\n")),
        ("silent hop 0", path("silent_hops = [0]\n")),
        ("silent hop without hops", direct("silent_hops = [1]\n")),
        ("share above 1", path("loss = 1.5\n")),
        ("share below 0", path("loss = -0.1\n")),
        ("share that is no number", path("loss = nan\n")),
        ("share in per cent", path("loss = '5%'\n")),
        ("time without a unit", path("rtt = '150'\n")),
        ("time in an unknown unit", path("rtt = '1h'\n")),
        ("time below 0", path("rtt = '-1ms'\n")),
        ("time out of range", path("rtt = '61min'\n")),
        ("jitter without bound", path("jitter = { shape = 'even' }\n")),
        ("jitter of unknown shape", path("jitter = { up_to = '1ms', shape = 'normal' }\n")),
        ("jitter is a time", path("jitter = '5ms'\n")),
        ("loss and bursts", path("loss = 0.1\nbursts = { share = 0.1, mean = 5 }\n")),
        ("bursts shorter than a packet", path("bursts = { share = 0.1, mean = 0.5 }\n")),
        ("bursts without end", path("bursts = { share = 0.1, mean = inf }\n")),
        ("bursts of no length", path("bursts = { share = 0.1, mean = nan }\n")),
        ("bursts that lose all", path("bursts = { share = 1.0, mean = 5 }\n")),
        ("bursts too short for their share", path("bursts = { share = 0.9, mean = 1 }\n")),
        ("reorder without time", path("reorder = { share = 0.1 }\n")),
        ("outage is one table", path("outages = { from = '1s', lasts = '2s' }\n")),
        ("outage without length", path("outages = [{ from = '1s' }]\n")),
        ("more outages than there may be", path(&format!("outages = [{}]\n","{ from = '1s', lasts = '1s' },".repeat(257)))),
        ("bandwidth without unit", path("bandwidth = { rate = '64', queue = '1s' }\n")),
        ("bandwidth out of range", path("bandwidth = { rate = '101Gbit/s', queue = '1s' }\n")),
        ("table without entries", path("nat = { entries = 0 }\n")),
        ("table of too many entries", path("nat = { entries = 2097153 }\n")),
        ("table without a hop", direct("nat = { entries = 10 }\n")),
        ("table of too many others", path("nat = { entries = 10, others_per_second = 200000 }\n")),
        ("rate of 0", path("nat = { entries = 10, others_per_second = 0 }\n")),
        ("limit that limits nothing", path("icmp_limit = {}\n")),
        ("limit without burst", path("icmp_limit = { per_peer = { per_second = 1 } }\n")),
        ("limit with a burst of 0", path("icmp_limit = { in_all = { per_second = 1, burst = 0 } }\n")),
        ("IPS that never counts", path("ips = { syns = 5, within = '0s', silences = '1s' }\n")),
        ("IPS without a number", path("ips = { within = '1s', silences = '1s' }\n")),
    ]
}

#[rustfmt::skip]
pub(super) fn real() -> Cases {
    let world = |more: &str| format!("about = 'a'\nsource = 's'\nworld = 'real'\n{more}");
    let path = |line: &str| world(&format!("{SCAN}[paths.p]\nhops = 1\n{line}{HOSTS}"));
    let hosts = |line: &str| world(&format!("{SCAN}{HOSTS}{line}"));
    vec![
        ("real link", world(&format!("link = 'ethernet'\n{SCAN}{HOSTS}"))),
        ("real round trip", path("rtt = '1ms'\n")),
        ("real jitter", path("jitter = { up_to = '1ms' }\n")),
        ("real bursts", path("bursts = { share = 0.1, mean = 5 }\n")),
        ("real reordering", path("reorder = { share = 0.1, by = '1ms' }\n")),
        ("real duplication", path("duplicate = 0.1\n")),
        ("real outage", path("outages = [{ from = '1s', lasts = '2s' }]\n")),
        ("real bandwidth", path("bandwidth = { rate = '1Mbit/s', queue = '1s' }\n")),
        ("real table", path("nat = { entries = 10 }\n")),
        ("real IPS", path("ips = { syns = 5, within = '1s', silences = '1s' }\n")),
        ("real ICMP limit of a router", path("icmp_limit = { in_all = { per_second = 1, burst = 1 } }\n")),
        ("real absent", hosts("absent = 'silent'\n")),
        ("real stack", hosts("stack = 'tarpit'\n")),
        ("real RST limit", hosts("rst_limit = { per_second = 1, burst = 1 }\n")),
        ("real ICMP limit of a host", hosts("icmp_limit = { in_all = { per_second = 1, burst = 1 } }\n")),
        ("real listen queue", hosts("listen_queue = { length = 1, per_second = 1 }\n")),
        ("real second SYN", hosts("answers_from = 2\n")),
        ("real slow service", hosts("ports = [{ ports = '1', is = 'open', after = '1s' }]\n")),
    ]
}
