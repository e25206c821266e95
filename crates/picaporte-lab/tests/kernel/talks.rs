//! What an ordinary client gets to see of every kind of port, over IPv4 and IPv6.

use std::io::{ErrorKind, Read as _};
use std::net::Shutdown;
use std::time::{Duration, Instant};

use libtest_mimic::Failed;

use crate::client::{connect, connect_within, exchange, refusal};
use crate::frames::segments;
use crate::world::World;
use crate::{Test, must};

pub(crate) const TESTS: &[Test] = &[
    ("talks_to_services", talks_to_services),
    (
        "talks_through_loss_and_disorder",
        talks_through_loss_and_disorder,
    ),
    (
        "is_refused_for_the_right_reason",
        is_refused_for_the_right_reason,
    ),
    ("ends_in_order", ends_in_order),
    ("waits_as_long_as_the_path_is", waits_as_long_as_the_path_is),
    (
        "neighbours_who_are_not_there_do_not_answer",
        neighbours_who_are_not_there_do_not_answer,
    ),
    ("pings", pings),
    ("a_tarpit_holds_on", a_tarpit_holds_on),
    ("a_syn_proxy_joins_or_resets", a_syn_proxy_joins_or_resets),
    ("a_lan_of_ipv6", a_lan_of_ipv6),
];

const SERVICES: &str = r#"
    [scan]
    targets = ["198.18.0.2", "2001:db8:9::2"]
    ports = "1-100"
    [[hosts]]
    addresses = ["198.18.0.2", "2001:db8:9::2"]
    otherwise = { is = "closed" }
    [[hosts.ports]]
    ports = "7"
    is = "open"
    echoes = true
    [[hosts.ports]]
    ports = "22"
    is = "open"
    says = "SSH-2.0-lab\r\n"
    [[hosts.ports]]
    ports = "80"
    is = "open"
    answers = "HTTP/1.0 204 No Content\r\n\r\n"
"#;

const HOSTS: [&str; 2] = ["198.18.0.2", "[2001:db8:9::2]"];

fn talks_to_services() -> Result<(), Failed> {
    let world = World::play(SERVICES)?;
    for host in HOSTS {
        let long: Vec<u8> = (0..200_000_u32).map(|n| (n % 251) as u8).collect();
        must(
            exchange(&format!("{host}:7"), &long)? == long,
            format_args!("{host}: the echo differs"),
        )?;
        let banner = exchange(&format!("{host}:22"), b"")?;
        must(
            banner == b"SSH-2.0-lab\r\n",
            format_args!("{host}: {banner:?}"),
        )?;
        let answer = exchange(&format!("{host}:80"), b"GET / HTTP/1.0\r\n\r\n")?;
        must(
            answer.starts_with(b"HTTP/1.0 204"),
            format_args!("{host}: {answer:?}"),
        )?;
    }
    let seen = world.stop()?;
    must(
        seen.wire.syns == 6 && seen.lab.overruns == 0,
        format_args!("{:?} {:?}", seen.wire, seen.lab),
    )
}

/// Nothing that is lost, doubled or overtaken changes what is heard.
fn talks_through_loss_and_disorder() -> Result<(), Failed> {
    let path = "[paths.bad]\nhops = 2\nrtt = '4ms'\njitter = { up_to = '3ms' }\nloss = 0.05\nduplicate = 0.05\n\
                reorder = { share = 0.1, by = '5ms' }\n";
    let world = World::play(&format!("{SERVICES}{path}"))?;
    for host in HOSTS {
        for length in [1, 1_000, 5_000, 20_000_u32] {
            let bytes: Vec<u8> = (0..length).map(|n| (n % 251) as u8).collect();
            must(
                exchange(&format!("{host}:7"), &bytes)? == bytes,
                format_args!("{host}: the echo of {length} differs"),
            )?;
        }
    }
    world.stop().map(drop)
}

fn is_refused_for_the_right_reason() -> Result<(), Failed> {
    let world = World::play(
        r#"
        [scan]
        targets = ["198.18.0.2", "2001:db8:9::2"]
        ports = "1-100"
        [paths.far]
        hops = 3
        [[hosts]]
        addresses = ["198.18.0.2", "2001:db8:9::2"]
        [[hosts.ports]]
        ports = "10"
        is = "rejected"
        icmp = "admin-prohibited"
        at = 2
        [[hosts.ports]]
        ports = "11"
        is = "rejected"
        icmp = "port-unreach"
        [[hosts.ports]]
        ports = "12"
        is = "rejected"
        icmp = "net-unreach"
        at = 1
        [[hosts.ports]]
        ports = "13"
        is = "reset"
        at = 2
        [[hosts.ports]]
        ports = "14"
        is = "dropped"
        "#,
    )?;
    let admin = [libc_code("EHOSTUNREACH"), libc_code("EACCES")];
    for (host, admin) in HOSTS.into_iter().zip(admin) {
        let code = |port: u16| refusal(&format!("{host}:{port}")).map(|error| error.raw_os_error());
        let refused = Some(libc_code("ECONNREFUSED"));
        let unreachable = Some(libc_code("ENETUNREACH"));
        for (port, expected) in [
            (10, Some(admin)),
            (11, refused),
            (12, unreachable),
            (13, refused),
            (50, refused),
        ] {
            let seen = code(port)?;
            must(
                seen == expected,
                format_args!("{host} port {port}: {seen:?}, expected {expected:?}"),
            )?;
        }
        let silent = connect_within(&format!("{host}:14"), Duration::from_millis(300))
            .map_err(|error| error.kind());
        must(
            matches!(silent, Err(ErrorKind::TimedOut)),
            format_args!("{host} port 14: {silent:?}"),
        )?;
    }
    let seen = world.stop()?;
    // A forged RST comes from nearer than the host's own.
    let ttl_of = |port: u16| {
        segments(&seen.packets)
            .into_iter()
            .find(|frame| frame.from_port == port)
            .map(|frame| frame.ttl)
    };
    must(
        ttl_of(13) == Some(63) && ttl_of(50) == Some(61),
        format_args!("{:?} {:?}", ttl_of(13), ttl_of(50)),
    )
}

/// The numbers of asm-generic/errno.h and errno-base.h.
fn libc_code(name: &str) -> i32 {
    match name {
        "EACCES" => 13,
        "ENETUNREACH" => 101,
        "ECONNREFUSED" => 111,
        "EHOSTUNREACH" => 113,
        _ => unreachable!("{name}"),
    }
}

/// FIN from the client, FIN from the host, and no RST from anybody.
fn ends_in_order() -> Result<(), Failed> {
    let world = World::play(SERVICES)?;
    for host in HOSTS {
        let mut stream = connect(&format!("{host}:22"))?;
        stream.shutdown(Shutdown::Write)?;
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest)?;
    }
    // The kernel's last ACK has gone before `read` said that all was read.
    let seen = world.stop()?;
    let frames = segments(&seen.packets);
    let fins = |port: u16| {
        frames
            .iter()
            .filter(|frame| frame.from_port == port && frame.flags.contains('F'))
            .count()
    };
    must(
        fins(22) == 2,
        format_args!("{} FINs of the hosts", fins(22)),
    )?;
    let resets: Vec<_> = frames
        .iter()
        .filter(|frame| frame.flags.contains('R'))
        .collect();
    must(resets.is_empty(), format_args!("{resets:?}"))
}

/// A lower bound, which holds however busy the machine is.
fn waits_as_long_as_the_path_is() -> Result<(), Failed> {
    let path = "[paths.long]\nhops = 4\nrtt = '120ms'\n";
    let world = World::play(&format!("{SERVICES}{path}"))?;
    for host in HOSTS {
        for port in [22, 99] {
            let began = Instant::now();
            let _ = connect(&format!("{host}:{port}"));
            let took = began.elapsed();
            must(
                took >= Duration::from_millis(120),
                format_args!("{host} port {port}: {took:?}"),
            )?;
        }
    }
    world.stop().map(drop)
}

const LAN: &str = r#"
    link = "ethernet"
    [scan]
    targets = ["198.18.0.0/24"]
    ports = "1-100"
    [paths.lan]
    [paths.beyond]
    hops = 1
    [[hosts]]
    path = "lan"
    addresses = ["198.18.0.2", "2001:db8:9::2"]
    [[hosts.ports]]
    ports = "22"
    is = "open"
    says = "hello"
    [[hosts]]
    path = "lan"
    alive = 0.0
    addresses = ["198.18.0.0/24", "2001:db8:9::/64"]
    [[hosts]]
    path = "beyond"
    addresses = ["198.19.0.2", "2001:db8:a::2"]
    [[hosts.ports]]
    ports = "22"
    is = "open"
    says = "hello"
"#;

fn neighbours_who_are_not_there_do_not_answer() -> Result<(), Failed> {
    let world = World::play(LAN)?;
    for open in ["198.18.0.2:22", "198.19.0.2:22"] {
        must(exchange(open, b"")? == b"hello", open)?;
    }
    let code = refusal("198.18.0.3:22")?.raw_os_error();
    must(
        code == Some(libc_code("EHOSTUNREACH")),
        format_args!("{code:?}"),
    )?;
    let closed = refusal("198.18.0.2:23")?.raw_os_error();
    must(
        closed == Some(libc_code("ECONNREFUSED")),
        format_args!("{closed:?}"),
    )?;
    world.stop().map(drop)
}

fn a_lan_of_ipv6() -> Result<(), Failed> {
    let world = World::play(LAN)?;
    for open in ["[2001:db8:9::2]:22", "[2001:db8:a::2]:22"] {
        must(exchange(open, b"")? == b"hello", open)?;
    }
    let code = refusal("[2001:db8:9::3]:22")?.raw_os_error();
    must(
        code == Some(libc_code("EHOSTUNREACH")),
        format_args!("{code:?}"),
    )?;
    world.stop().map(drop)
}

fn pings() -> Result<(), Failed> {
    let world = World::play(SERVICES)?;
    for host in ["198.18.0.2", "2001:db8:9::2"] {
        let address: std::net::IpAddr = host.parse()?;
        let reply = crate::client::ping(address)?;
        must(reply, format_args!("{host} does not answer a ping"))?;
    }
    world.stop().map(drop)
}

fn a_tarpit_holds_on() -> Result<(), Failed> {
    let world = World::play(
        "[scan]\ntargets = ['198.18.0.2']\nports = '1-100'\n[[hosts]]\naddresses = ['198.18.0.2']\nstack = 'tarpit'\n",
    )?;
    let mut stream = connect("198.18.0.2:99")?;
    stream.set_read_timeout(Some(Duration::from_millis(300)))?;
    let said = stream.read(&mut [0; 10]).map_err(|error| error.kind());
    must(
        matches!(said, Err(ErrorKind::WouldBlock)),
        format_args!("{said:?}"),
    )?;
    drop(stream);
    let seen = world.stop()?;
    let from_pit: Vec<_> = segments(&seen.packets)
        .into_iter()
        .filter(|frame| frame.from_port == 99)
        .collect();
    let closed_window = from_pit
        .iter()
        .all(|frame| frame.window == 0 && frame.options.is_empty());
    must(
        !from_pit.is_empty() && closed_window,
        format_args!("{from_pit:?}"),
    )?;
    must(
        !from_pit.iter().any(|frame| frame.flags.contains('F')),
        "the pit let go",
    )
}

fn a_syn_proxy_joins_or_resets() -> Result<(), Failed> {
    let world = World::play(
        r#"
        [scan]
        targets = ["198.18.0.2", "2001:db8:9::2"]
        ports = "1-100"
        [paths.far]
        hops = 3
        [[hosts]]
        addresses = ["198.18.0.2", "2001:db8:9::2"]
        proxy = { hop = 2 }
        [[hosts.ports]]
        ports = "22"
        is = "open"
        says = "hello"
        [[hosts.ports]]
        ports = "23"
        is = "open"
        echoes = true
        "#,
    )?;
    for host in HOSTS {
        must(
            exchange(&format!("{host}:22"), b"")? == b"hello",
            format_args!("{host}: not joined"),
        )?;
        must(
            exchange(&format!("{host}:23"), b"twice")? == b"twice",
            format_args!("{host}: not joined both ways"),
        )?;
        // The handshake is made, then torn down: connect(2) or the first read says so.
        let reset = match connect(&format!("{host}:50")) {
            Ok(mut stream) => stream.read(&mut [0; 1]).map_err(|error| error.kind()),
            Err(error) => Err(error.kind()),
        };
        must(
            matches!(reset, Err(ErrorKind::ConnectionReset)),
            format_args!("{host} port 50: {reset:?}"),
        )?;
    }
    world.stop().map(drop)
}
