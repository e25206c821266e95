//! The small values of a scenario file, each parsed once into a type that can't be wrong. What serde hands back as an
//! error is one sentence that says what was read and how to write it; the file and line are added by the parent.

use std::fmt;
use std::str::FromStr;

use picaporte_core::PortSet;
use picaporte_core::port::PortError;
use serde::Deserialize;
use serde::de::{self, Deserializer, Visitor};

/// A length of time in nanoseconds, written with its unit: `150ms`, `2s`, `800us`, `1m`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span(u64);

/// The longest time a scenario may speak of: an hour.
const LONGEST_NS: u64 = 3_600 * Span::SECOND.0;

impl Span {
    /// One second.
    pub const SECOND: Self = Self(1_000_000_000);
    /// One millisecond.
    pub const MILLISECOND: Self = Self(1_000_000);

    /// So many nanoseconds.
    pub const fn from_ns(ns: u64) -> Self {
        Self(ns)
    }

    /// So many milliseconds.
    pub const fn from_ms(ms: u64) -> Self {
        Self(ms * Self::MILLISECOND.0)
    }

    /// Nanoseconds.
    pub const fn ns(self) -> u64 {
        self.0
    }

    /// Seconds, with a fraction.
    pub fn seconds(self) -> f64 {
        self.0 as f64 / Self::SECOND.0 as f64
    }

    /// The same as a duration of the standard library.
    pub const fn duration(self) -> std::time::Duration {
        std::time::Duration::from_nanos(self.0)
    }
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!("'{text}' is not a time; write a number with its unit, like 150ms, 2s or 800us")
        };
        let split = text
            .find(|c: char| c.is_ascii_alphabetic())
            .ok_or_else(wrong)?;
        let (number, unit) = text.split_at(split);
        let number: f64 = number.trim().parse().map_err(|_| wrong())?;
        let unit_ns = match unit {
            "us" => 1e3,
            "ms" => 1e6,
            "s" => 1e9,
            "m" | "min" => 60e9,
            _ => return Err(wrong()),
        };
        let ns = number * unit_ns;
        if !(0.0..=LONGEST_NS as f64).contains(&ns) {
            return Err(format!(
                "'{text}' is out of range; times go from 0 to 1 hour (60min)"
            ));
        }
        Ok(Self(ns.round() as u64))
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.duration())
    }
}

/// A share of a whole, from 0 to 1.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd)]
pub struct Share(f64);

impl Share {
    /// Nothing of it.
    pub const NONE: Self = Self(0.0);
    /// All of it.
    pub const ALL: Self = Self(1.0);

    /// This share, unless it is outside 0 to 1.
    pub fn new(value: f64) -> Option<Self> {
        (0.0..=1.0).contains(&value).then_some(Self(value))
    }

    /// As a number from 0 to 1.
    pub const fn get(self) -> f64 {
        self.0
    }
}

impl<'de> Deserialize<'de> for Share {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Number::deserialize(deserializer)?.0;
        Self::new(value).ok_or_else(|| {
            de::Error::custom(format!(
                "{value} is not a share; write a number from 0 to 1, like 0.05 for 5 %"
            ))
        })
    }
}

/// A number of events a second, above 0 and at most ten million.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct PerSecond(f64);

impl PerSecond {
    /// Events a second.
    pub const fn get(self) -> f64 {
        self.0
    }

    /// This rate, unless it is 0, negative or above ten million.
    pub fn new(value: f64) -> Option<Self> {
        (value > 0.0 && value <= 1e7).then_some(Self(value))
    }
}

impl<'de> Deserialize<'de> for PerSecond {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Number::deserialize(deserializer)?.0;
        Self::new(value).ok_or_else(|| {
            de::Error::custom(format!(
                "{value} is not a rate; write how many a second, above 0 and at most 10000000"
            ))
        })
    }
}

/// A whole or decimal number of TOML.
struct Number(f64);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;
        impl Visitor<'_> for Either {
            type Value = Number;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number")
            }
            fn visit_i64<E: de::Error>(self, value: i64) -> Result<Number, E> {
                Ok(Number(value as f64))
            }
            fn visit_f64<E: de::Error>(self, value: f64) -> Result<Number, E> {
                Ok(Number(value))
            }
        }
        deserializer.deserialize_any(Either)
    }
}

/// Bits a second, written with its unit: `64kbit/s`, `10Mbit/s`, `1Gbit/s`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BitRate(u64);

impl BitRate {
    /// Bits a second, at least 1,000.
    pub const fn bits_per_second(self) -> u64 {
        self.0
    }

    /// How long `bytes` take.
    pub fn time_for(self, bytes: usize) -> Span {
        Span::from_ns(bytes as u64 * 8 * Span::SECOND.ns() / self.0)
    }
}

impl FromStr for BitRate {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong =
            || format!("'{text}' is not a bandwidth; write it like 64kbit/s, 10Mbit/s or 1Gbit/s");
        let (number, unit) = [("kbit/s", 1e3), ("Mbit/s", 1e6), ("Gbit/s", 1e9)]
            .into_iter()
            .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, unit)))
            .ok_or_else(wrong)?;
        let bits = number.trim().parse::<f64>().map_err(|_| wrong())? * unit;
        if !(1e3..=1e11).contains(&bits) {
            return Err(format!(
                "'{text}' is out of range; bandwidths go from 1kbit/s to 100Gbit/s"
            ));
        }
        Ok(Self(bits.round() as u64))
    }
}

/// Ports: numbers and ranges as a scanner takes them, and `1-65535/131`, which is every 131st of the range.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ports(pub PortSet);

impl FromStr for Ports {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let mut ranges = Vec::new();
        // A few bytes with a step stand for up to 32,768 ranges, so these are marked one by one.
        let mut marked = vec![false; 1 << 16];
        let mut steps = 0;
        for item in text.split(',').map(str::trim) {
            let Some((range, step)) = item.split_once('/') else {
                ranges.extend_from_slice(plain(item)?.ranges());
                continue;
            };
            steps += 1;
            if steps > MOST_STEPS {
                return Err(format!(
                    "more than {MOST_STEPS} items with a step; write fewer, like 1-65535/131"
                ));
            }
            let step = parse_step(step, item)?;
            for port in plain(range)?.iter().step_by(step) {
                marked[usize::from(port)] = true;
            }
        }
        let stepped = (1..=u16::MAX).filter(|port| marked[usize::from(*port)]);
        Ok(Self(
            PortSet::from_ranges(ranges).union(&PortSet::from_ports(stepped)),
        ))
    }
}

/// The most items with a step in one list.
const MOST_STEPS: usize = 1_024;

fn plain(item: &str) -> Result<PortSet, String> {
    PortSet::parse(item, &|_| None).map_err(|error| match error {
        PortError::Unknown(text) => format!(
            "'{text}' is neither a port nor a range of ports; write numbers, like 22,80,8000-8100"
        ),
        other => other.to_string(),
    })
}

fn parse_step(step: &str, item: &str) -> Result<usize, String> {
    step.parse()
        .ok()
        .filter(|step| (1..=65_535).contains(step))
        .ok_or_else(|| {
            format!("'{item}': '{step}' is no step; write it like 1-65535/131, every 131st port")
        })
}

/// Reads a value from a TOML string by its `FromStr`.
macro_rules! from_text {
    ($($type:ty),*) => {$(
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
            }
        }
    )*};
}
from_text!(Span, BitRate, Ports, super::Icmp);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_have_units() {
        assert_eq!("150ms".parse(), Ok(Span::from_ms(150)));
        assert_eq!("1.5s".parse(), Ok(Span::from_ms(1_500)));
        assert_eq!("60min".parse(), Ok(Span::from_ns(LONGEST_NS)));
        for wrong in ["150", "ms", "-1s", "61min", "1h", "", "NaNs", "infs"] {
            assert!(wrong.parse::<Span>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn bandwidths_have_units() {
        let rate: BitRate = "8Mbit/s".parse().unwrap();
        assert_eq!(rate.time_for(1_000), Span::from_ms(1));
        for wrong in ["8", "8mbit", "0kbit/s", "101Gbit/s"] {
            assert!(wrong.parse::<BitRate>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn ports_may_step() {
        let ports: Ports = "22,100-200/50".parse().unwrap();
        assert_eq!(ports.0.iter().collect::<Vec<_>>(), [22, 100, 150, 200]);
        for wrong in ["", "0/5", "1-10/0", "10-1", "70000", "1-5/x"] {
            assert!(wrong.parse::<Ports>().is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_long_list_of_ports_is_one_set() {
        let stepped: Ports = "1-65535/2,"
            .repeat(1_024)
            .trim_end_matches(',')
            .parse()
            .unwrap();
        assert_eq!(stepped.0.len(), 32_768);
        let error = "1-65535/2,".repeat(1_025).parse::<Ports>().unwrap_err();
        assert!(
            error.starts_with("more than 1024 items with a step"),
            "{error}"
        );
        let plain: Ports = "1-9,7,"
            .repeat(50_000)
            .trim_end_matches(',')
            .parse()
            .unwrap();
        assert_eq!(plain.0.to_string(), "1-9");
        let both: Ports = "10-20/5,11,1-3".parse().unwrap();
        assert_eq!(both.0.to_string(), "1-3,10-11,15,20");
    }
}
