//! What a single option's text stands for. Pure: each function reads a text, or says what to write.

use std::net::IpAddr;

use jiff::civil::Date;
use picaporte_core::cursor::Shard;
use picaporte_core::time::Duration;
use picaporte_core::verdict::{State, States};
use picaporte_core::{PortSet, plan};

use super::ports;
use crate::report::Format;
use crate::words::said::Said;

/// The longest time that can be set: longer than any scan.
const LONGEST: Duration = Duration::from_secs(366 * 86_400);

/// A length of time: a whole number and its unit.
pub(crate) fn duration(text: &str) -> Result<Duration, Said> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at(digits);
    let nanos: u64 = match unit {
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "" if digits > 0 => refuse!(
            "the unit is missing; write {text}ms or {text}s",
            "falta la unidad; escriba {text}ms o {text}s",
            text = text
        ),
        _ => return Err(no_length()),
    };
    if number.is_empty() {
        return Err(no_length());
    }
    let length = number
        .parse::<u64>()
        .ok()
        .and_then(|n| n.checked_mul(nanos))
        .map(Duration::from_nanos);
    match length {
        Some(Duration::ZERO) => refuse!("give at least 1ms", "indique al menos 1ms"),
        Some(length) if length <= LONGEST => Ok(length),
        _ => refuse!("give at most 8784h", "indique 8784h como máximo"),
    }
}

fn no_length() -> Said {
    said!(
        "write a whole number and its unit, like 500ms, 2s, 1m or 1h",
        "escriba un número entero y su unidad, como 500ms, 2s, 1m o 1h"
    )
}

/// A day of the calendar.
pub(crate) fn day(text: &str) -> Result<Date, Said> {
    let plain = text.bytes().all(|b| b.is_ascii_digit() || b == b'-');
    let day = text.parse().ok().filter(|_| plain);
    day.ok_or_else(|| {
        said!(
            "write a day of the calendar, like 2026-12-31",
            "escriba un día del calendario, como 2026-12-31"
        )
    })
}

/// A cap: a whole number from 1.
pub(crate) fn cap(text: &str) -> Result<u32, Said> {
    number(text, 1, u32::MAX.into()).map(|n| n as u32)
}

/// How often a silent port is asked.
pub(crate) fn attempts(text: &str) -> Result<u8, Said> {
    number(text, 1, 100).map(|n| n as u8)
}

/// A share of open ports, from 0 up to but not including 1.
pub(crate) fn recall(text: &str) -> Result<f64, Said> {
    let share: Option<f64> = text.parse().ok();
    share
        .filter(|share| (0.0..1.0).contains(share))
        .ok_or_else(|| {
            said!(
                "write a share from 0 up to, not including, 1, such as 0.9999",
                "escriba una proporción de 0 a 1, sin llegar a 1, como 0.9999"
            )
        })
}

/// A seed: small enough that a JSON number keeps it exactly.
pub(crate) fn seed(text: &str) -> Result<u64, Said> {
    number(text, 0, plan::MAX_PROBES - 1)
}

/// A part of the plan, `I/N`.
pub(crate) fn shard(text: &str) -> Result<Shard, Said> {
    let parts = text
        .split_once('/')
        .and_then(|(i, n)| Some((whole(i)?, whole(n)?)));
    let shard = parts.and_then(|(i, n)| Shard::new(u32::try_from(i).ok()?, u32::try_from(n).ok()?));
    shard.ok_or_else(|| {
        said!(
            "write it like 1/3: the part, from 1, and how many parts there are",
            "escríbala como 1/3: la parte, desde 1, y cuántas partes hay"
        )
    })
}

/// A set of states, separated by commas.
pub(crate) fn states(text: &str) -> Result<States, Said> {
    let mut states = States::NONE;
    for name in text.split(',').map(str::trim) {
        match State::ALL.into_iter().find(|s| s.name() == name) {
            Some(state) => states = states.with(state),
            None if name == "all" => states = States::ALL,
            None => refuse!(
                "'{name}' is no state; write open, closed, filtered, untested or all",
                "'{name}' no es un estado; escriba open, closed, filtered, untested o all",
                name = name
            ),
        }
    }
    Ok(states)
}

/// A set of ports.
pub(crate) fn ports(text: &str) -> Result<PortSet, Said> {
    ports::parse(text)
}

/// One port, by number or by the name of a service that has one.
pub(crate) fn port(text: &str) -> Result<u16, Said> {
    let ports = ports::parse(text)?;
    let mut all = ports.iter();
    match (all.next(), all.next()) {
        (Some(port), None) => Ok(port),
        _ => refuse!(
            "'{text}' is more than one port; write one, such as 22",
            "'{text}' es más de un puerto; escriba uno, como 22",
            text = text
        ),
    }
}

/// An address that probes can leave from; whether it is this machine's is asked later.
pub(crate) fn source(text: &str) -> Result<IpAddr, Said> {
    let ip: IpAddr = text.parse().map_err(|_| {
        said!(
            "write an address of this machine",
            "escriba una dirección de esta máquina"
        )
    })?;
    if ip.is_unspecified() || ip.is_multicast() {
        refuse!(
            "no probe can leave from there; write an address of this machine",
            "de ahí no puede salir ninguna sonda; escriba una dirección de esta máquina"
        );
    }
    Ok(ip)
}

/// The help of `--format`.
pub(crate) fn format_help() -> String {
    format!(
        "Format of standard output: {}",
        Format::ALL.map(Format::name).join(", ")
    )
}

fn number(text: &str, least: u64, most: u64) -> Result<u64, Said> {
    let number = whole(text).filter(|n| (least..=most).contains(n));
    number.ok_or_else(|| {
        said!(
            "write a whole number from {least} to {most}",
            "escriba un número entero de {least} a {most}",
            least = least,
            most = most
        )
    })
}

fn whole(text: &str) -> Option<u64> {
    // `parse` alone would take a sign.
    text.bytes()
        .all(|b| b.is_ascii_digit())
        .then(|| text.parse().ok())?
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        let nanos = |text| duration(text).map(Duration::as_millis);
        assert_eq!(nanos("500ms"), Ok(500));
        assert_eq!(nanos("2s"), Ok(2_000));
        assert_eq!(nanos("1m"), Ok(60_000));
        assert_eq!(nanos("1h"), Ok(3_600_000));
        assert!(
            duration("500")
                .unwrap_err()
                .to_string()
                .contains("500ms or 500s")
        );
        for bad in [
            "",
            "s",
            "-1s",
            "1.5s",
            "2 s",
            "0ms",
            "1d",
            "99999999999999999999s",
            "9999999h",
        ] {
            assert!(duration(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn shards_count_from_one() {
        assert_eq!(shard("1/3").ok(), Shard::new(1, 3));
        assert_eq!(shard("3/3").ok(), Shard::new(3, 3));
        for bad in [
            "0/3",
            "4/3",
            "1",
            "1/0",
            "a/b",
            "1/3/5",
            "+1/3",
            "-1/3",
            "1/9999999999",
        ] {
            assert!(shard(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn states_are_exactly_those_named() {
        assert_eq!(states("all"), Ok(States::ALL));
        assert_eq!(states("open"), Ok(States::OPEN));
        let two = states("closed, untested").unwrap();
        assert!(
            two.contains(State::Closed)
                && two.contains(State::Untested)
                && !two.contains(State::Open)
        );
        let wrong = states("closed,opn").unwrap_err().to_string();
        assert!(wrong.contains("'opn'"));
    }

    #[test]
    fn one_port_is_one() {
        assert_eq!((port("22"), port("ssh")), (Ok(22), Ok(22)));
        for bad in ["", "0", "65536", "22,23", "1-9", "common", "nosuchservice"] {
            assert!(port(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_source_is_an_address() {
        assert!(source("192.0.2.1").is_ok() && source("2001:db8::1").is_ok());
        assert!(
            source("0.0.0.0").is_err() && source("ff02::1").is_err() && source("eth0").is_err()
        );
    }

    #[test]
    fn numbers_have_bounds() {
        assert_eq!((cap("1"), cap("4294967295")), (Ok(1), Ok(u32::MAX)));
        assert!(cap("0").is_err() && cap("4294967296").is_err() && cap("+1").is_err());
        assert!(recall("0").is_ok() && recall("0.99999").is_ok());
        for wrong in ["1", "-0.1", "NaN", "99 %", ""] {
            assert!(recall(wrong).is_err(), "{wrong}");
        }
        assert!(attempts("0").is_err() && attempts("100").is_ok() && attempts("101").is_err());
        assert!(seed("9007199254740991").is_ok() && seed("9007199254740992").is_err());
    }
}
