//! Every behaviour of a port.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{IpAddr, Shutdown, SocketAddr, TcpStream};

use libtest_mimic::{Failed, Trial};
use picaporte_lab::scenario::Path;
use picaporte_lab::truth::{State, Truth};

use crate::client::{PATIENCE, Seen, look, look_at, read_all};
use crate::{Tested, in_world, scenario, trial};

pub(crate) fn trials() -> Vec<Trial> {
    vec![
        trial("open_ports_have_manners", open_ports_have_manners),
        trial("one_listener_for_many_ports", one_listener_for_many_ports),
        trial("closed_and_dropped", closed_and_dropped),
        trial("rejected_v4", || rejected(false)),
        trial("rejected_v6", || rejected(true)),
        trial("reset_at_a_hop", reset_at_a_hop),
        trial("syn_proxy_v4", || syn_proxy("198.18.0.1", false)),
        trial("syn_proxy_v6", || syn_proxy("2001:db8:18::1", true)),
        trial("chosen_ports_are_those_of_the_truth", chosen_ports),
    ]
}

fn ip(text: &str) -> IpAddr {
    text.parse().expect("an address in a test")
}

fn connect(ip: IpAddr, port: u16) -> Result<TcpStream, Failed> {
    TcpStream::connect_timeout(&SocketAddr::new(ip, port), PATIENCE)
        .map_err(|e| format!("connecting to {ip} port {port}: {e}").into())
}

fn open_ports_have_manners() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8:18::1\"]\n\
         [[hosts.ports]]\nports = \"21\"\nis = \"open\"\nsays = \"220 ready\\r\\n\"\n\
         [[hosts.ports]]\nports = \"7\"\nis = \"open\"\nechoes = true\n\
         [[hosts.ports]]\nports = \"80\"\nis = \"open\"\nanswers = \"HTTP/1.0 200 OK\\r\\n\\r\\n\"\n\
         [[hosts.ports]]\nports = \"9,20000\"\nis = \"open\"\n",
    )?;
    in_world(&world, |_world| {
        for ip in [ip("198.18.0.1"), ip("2001:db8:18::1")] {
            let mut banner = connect(ip, 21)?;
            assert_eq!(read_all(&mut banner)?, b"220 ready\r\n");

            let mut echo = connect(ip, 7)?;
            echo.set_read_timeout(Some(PATIENCE))?;
            let sent = vec![b'e'; 300_000];
            let mut writer = echo.try_clone()?;
            let copy = sent.clone();
            let writing = std::thread::spawn(move || writer.write_all(&copy));
            let mut back = vec![0; sent.len()];
            echo.read_exact(&mut back)?;
            writing.join().expect("the writer")?;
            assert!(back == sent);

            let mut web = connect(ip, 80)?;
            web.write_all(b"GET / HTTP/1.0\r\n\r\n")?;
            web.set_read_timeout(Some(PATIENCE))?;
            let mut answer = Vec::new();
            web.read_to_end(&mut answer)?;
            assert_eq!(answer, b"HTTP/1.0 200 OK\r\n\r\n");

            let mut silent = connect(ip, 20_000)?;
            silent.write_all(b"anybody there?")?;
            silent.shutdown(Shutdown::Write)?;
            silent.set_read_timeout(Some(PATIENCE))?;
            // An end of file and no timeout: it closes when the peer has closed.
            assert_eq!(silent.read(&mut [0; 8])?, 0);
        }
        Ok(())
    })
}

fn one_listener_for_many_ports() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8:18::1\"]\n\
         [[hosts.ports]]\nports = \"7\"\nis = \"dropped\"\n\
         [[hosts.ports]]\nports = \"1-60000\"\nis = \"open\"\nsays = \"many\"\n",
    )?;
    in_world(&world, |_world| {
        for ip in [ip("198.18.0.1"), ip("2001:db8:18::1")] {
            for port in [1, 22, 19_999, 20_000, 20_001, 59_999, 60_000] {
                let mut stream = connect(ip, port)?;
                assert_eq!(stream.peer_addr()?.port(), port);
                assert_eq!(read_all(&mut stream)?, b"many", "{port}");
            }
            assert_eq!(look_at(ip, 7)?, Seen::Silent);
            assert_eq!(look_at(ip, 60_001)?, Seen::Closed);
        }
        Ok(())
    })
}

fn closed_and_dropped() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[paths.p]\nhops = 2\n[[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8:18::1\"]\n\
         [[hosts.ports]]\nports = \"5\"\nis = \"dropped\"\n\
         [[hosts.ports]]\nports = \"6\"\nis = \"dropped\"\nat = 1\n\
         [[hosts.ports]]\nports = \"7\"\nis = \"dropped\"\nat = 2\n",
    )?;
    in_world(&world, |_world| {
        for ip in [ip("198.18.0.1"), ip("2001:db8:18::1")] {
            let at: Vec<_> = (4..=8).map(|port| SocketAddr::new(ip, port)).collect();
            let silent = Seen::Silent;
            assert_eq!(
                look(&at)?,
                [Seen::Closed, silent, silent, silent, Seen::Closed]
            );
        }
        Ok(())
    })
}

/// Every error that nftables can send, from the host and from each router, with its sender.
fn rejected(v6: bool) -> Tested {
    let codes: &[(u8, u8)] = if v6 {
        &[(1, 0), (1, 1), (1, 3), (1, 4), (1, 5), (1, 6)]
    } else {
        &[(3, 0), (3, 1), (3, 2), (3, 3), (3, 9), (3, 10), (3, 13)]
    };
    let target = if v6 { "2001:db8:18::1" } else { "198.18.0.1" };
    let mut text = format!("[paths.p]\nhops = 2\n[[hosts]]\naddresses = [\"{target}\"]\n");
    let mut expected = Vec::new();
    for (place, from) in [
        ("", ip(target)),
        ("at = 1\n", Path::router(0, 1, v6)),
        ("at = 2\n", Path::router(0, 2, v6)),
    ] {
        for (kind, code) in codes {
            let port = expected.len() + 1;
            write!(
                text,
                "[[hosts.ports]]\nports = \"{port}\"\nis = \"rejected\"\nicmp = \"{kind}/{code}\"\n{place}"
            )?;
            expected.push(Seen::Icmp(*kind, *code, from));
        }
    }
    in_world(&scenario(target, &text)?, |_world| {
        let at: Vec<_> = (1..=expected.len())
            .map(|port| SocketAddr::new(ip(target), port as u16))
            .collect();
        assert_eq!(look(&at)?, expected);
        Ok(())
    })
}

/// The RST comes from the hop: the host itself would drop.
fn reset_at_a_hop() -> Tested {
    let world = scenario(
        "198.18.0.1",
        "[paths.p]\nhops = 3\n[[hosts]]\naddresses = [\"198.18.0.1\", \"2001:db8:18::1\"]\n\
         otherwise = { is = \"dropped\" }\n\
         [[hosts.ports]]\nports = \"5\"\nis = \"reset\"\nat = 2\n",
    )?;
    in_world(&world, |_world| {
        for ip in [ip("198.18.0.1"), ip("2001:db8:18::1")] {
            assert_eq!(look_at(ip, 5)?, Seen::Closed);
            assert_eq!(look_at(ip, 6)?, Seen::Silent);
        }
        Ok(())
    })
}

fn syn_proxy(target: &str, v6: bool) -> Tested {
    let world = scenario(
        target,
        &format!(
            "[paths.p]\nhops = 2\n[[hosts]]\naddresses = [\"{target}\"]\nproxy = {{ hop = 1 }}\n\
             otherwise = {{ is = \"dropped\" }}\n\
             [[hosts.ports]]\nports = \"7\"\nis = \"open\"\nechoes = true\n\
             [[hosts.ports]]\nports = \"8\"\nis = \"closed\"\n\
             [[hosts.ports]]\nports = \"9\"\nis = \"rejected\"\nicmp = \"admin-prohibited\"\nat = 1\n\
             [[hosts.ports]]\nports = \"10\"\nis = \"dropped\"\nat = 2\n"
        ),
    )?;
    in_world(&world, |_world| {
        let ip = ip(target);
        let mut echo = connect(ip, 7)?;
        echo.write_all(b"through the proxy")?;
        echo.shutdown(Shutdown::Write)?;
        assert_eq!(read_all(&mut echo)?, b"through the proxy");
        // The handshake is made before the host refuses.
        let reset = Seen::Other(nix::errno::Errno::ECONNRESET as i32);
        let closed = look_at(ip, 8)?;
        assert!(closed == Seen::Open || closed == reset, "{closed:?}");
        let code = if v6 { (1, 1) } else { (3, 13) };
        let from = Path::router(0, 1, v6);
        assert_eq!(look_at(ip, 9)?, Seen::Icmp(code.0, code.1, from));
        // Behind the proxy, nobody there or somebody who drops: the proxy answers all the same.
        assert_eq!(look_at(ip, 10)?, Seen::Open);
        assert_eq!(look_at(ip, 11)?, Seen::Open);
        Ok(())
    })
}

/// Every port of every address is seen as the truth says, where the seed chooses among them.
fn chosen_ports() -> Tested {
    let world = scenario(
        "198.18.0.0/29",
        "[paths.p]\nhops = 2\n[[hosts]]\naddresses = [\"198.18.0.0/29\", \"2001:db8:18::/125\"]\nalive = 0.7\n\
         otherwise = { is = \"dropped\", at = 2 }\n\
         [[hosts.ports]]\nports = \"1-6\"\nshare = 0.5\nis = \"open\"\n\
         [[hosts.ports]]\nports = \"4-9\"\nshare = 0.5\nis = \"rejected\"\nicmp = \"net-unreach\"\nat = 1\n\
         [[hosts.ports]]\nports = \"7-12\"\nshare = 0.5\nis = \"closed\"\n\
         [[hosts.ports]]\nports = \"10-12\"\nis = \"open\"\n\
         [[hosts.ports]]\nports = \"13-14\"\nshare = 0.5\nis = \"reset\"\nat = 2\n",
    )?;
    in_world(&world, |_world| {
        let v4 = (0..8).map(|host| ip(&format!("198.18.0.{host}")));
        let v6 = (0..8).map(|host| ip(&format!("2001:db8:18::{host}")));
        let at: Vec<SocketAddr> = v4
            .chain(v6)
            .flat_map(|ip| (1..=15).map(move |port| SocketAddr::new(ip, port)))
            .collect();
        let truth = Truth::new(&world, 1);
        let expected = at.iter().map(|at| truth.of(at.ip(), at.port()).wire);
        let mut met = [false; 3];
        for ((at, seen), expected) in at.iter().zip(look(&at)?).zip(expected) {
            met[expected as usize] = true;
            let state = match seen {
                Seen::Open => State::Open,
                Seen::Closed => State::Closed,
                Seen::Icmp(..) | Seen::Silent => State::Filtered,
                Seen::Other(_) => return Err(format!("{at}: {seen:?}").into()),
            };
            assert_eq!(state, expected, "{at}: {seen:?}");
        }
        assert_eq!(met, [true; 3]);
        Ok(())
    })
}
