//! The scanner's JSON Lines, read back and held against their own arithmetic: whatever happened to a scan, its
//! counts must add up. Knows the contract's field names and nothing of what a test expects.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::str::FromStr as _;

use serde_json::Value;

/// The states in the order of the contract; the first three are `tested`.
pub(crate) const STATES: [&str; 4] = ["open", "closed", "filtered", "untested"];

/// One run's lines by type.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) scan: Value,
    pub(crate) ports: Vec<Value>,
    pub(crate) hosts: Vec<Value>,
    pub(crate) located: Vec<Value>,
    pub(crate) end: Value,
}

impl Report {
    /// Reads JSON Lines: `scan` first, `end` last, nothing unknown in between.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut lines = Vec::new();
        for (index, line) in text.lines().enumerate() {
            let value: Value = serde_json::from_str(line)
                .map_err(|e| format!("line {}: not JSON: {e}", index + 1))?;
            lines.push(value);
        }
        let end = lines
            .pop()
            .filter(|line| line["type"] == "end")
            .ok_or("the last line is not of type `end`")?;
        if lines.first().is_none_or(|line| line["type"] != "scan") {
            return Err("the first line is not of type `scan`".to_owned());
        }
        let scan = lines.remove(0);
        let (ports, others): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|line| line["type"] == "port");
        let (located, others): (Vec<_>, Vec<_>) = others
            .into_iter()
            .partition(|line| line["type"] == "located");
        if let Some(stranger) = others.iter().find(|line| line["type"] != "host") {
            return Err(format!("neither `port` nor `host`: {stranger}"));
        }
        Ok(Self {
            scan,
            ports,
            hosts: others,
            located,
            end,
        })
    }

    /// A count of the `end` line.
    pub(crate) fn count(&self, field: &str) -> u64 {
        // A missing field must not pass for a zero.
        self.end[field].as_u64().unwrap_or(u64::MAX)
    }

    /// Open, closed, filtered, untested of the `end` line.
    pub(crate) fn totals(&self) -> [u64; 4] {
        STATES.map(|state| self.count(state))
    }

    /// The line of one port, if listed.
    pub(crate) fn port(&self, ip: IpAddr, port: u16) -> Result<&Value, String> {
        let mut found = self
            .ports
            .iter()
            .filter(|line| address(line) == Some(ip) && line["port"] == port);
        match (found.next(), found.next()) {
            (Some(line), None) => Ok(line),
            (None, _) => Err(format!("no line for {ip} port {port}")),
            _ => Err(format!("more than one line for {ip} port {port}")),
        }
    }

    /// The state of every port of every host, from the `host` lines, which list them whatever `--show` says.
    pub(crate) fn states(&self) -> Result<BTreeMap<(IpAddr, u16), &'static str>, String> {
        let mut states = BTreeMap::new();
        for host in &self.hosts {
            let ip = address(host).ok_or_else(|| format!("host without address: {host}"))?;
            for state in STATES {
                for port in ranges(host, state)?.into_iter().flatten() {
                    if let Some(other) = states.insert((ip, port), state) {
                        return Err(format!("{ip} port {port} is both {other} and {state}"));
                    }
                }
            }
        }
        Ok(states)
    }

    /// Holds the counts against each other: planned = tested + untested, tested = open + closed + filtered, the
    /// hosts' sums against the end, the reasons and the port ranges against the hosts' counts, and `complete`.
    pub(crate) fn account(&self) -> Result<(), String> {
        let [open, closed, filtered, untested] = self.totals();
        let (planned, tested) = (self.count("planned"), self.count("tested"));
        equal(
            "planned in `scan` and in `end`",
            self.scan["planned"].as_u64(),
            Some(planned),
        )?;
        equal(
            "tested + untested, and planned",
            tested.checked_add(untested),
            Some(planned),
        )?;
        equal(
            "open + closed + filtered, and tested",
            Some(open + closed + filtered),
            Some(tested),
        )?;
        for (state, total) in STATES.into_iter().zip([open, closed, filtered, untested]) {
            let sum = self
                .hosts
                .iter()
                .filter_map(|host| host[state].as_u64())
                .sum::<u64>();
            equal(
                &format!("sum of `{state}` over hosts, and in `end`"),
                Some(sum),
                Some(total),
            )?;
        }
        self.hosts.iter().try_for_each(account_host)?;
        self.listed_agree()?;
        let silent_hosts = self
            .hosts
            .iter()
            .filter_map(|host| host["reasons"]["host-silent"].as_u64())
            .sum::<u64>();
        equal(
            "`complete`, and nothing left untested",
            self.end["complete"].as_bool(),
            Some(untested == silent_hosts),
        )
    }

    /// Every listed port is in the range of its state, and no port is listed twice.
    fn listed_agree(&self) -> Result<(), String> {
        let states = self.states()?;
        let mut seen = std::collections::BTreeSet::new();
        for line in &self.ports {
            let port = line["port"]
                .as_u64()
                .and_then(|port| u16::try_from(port).ok());
            let (Some(ip), Some(port)) = (address(line), port) else {
                return Err(format!("port line: {line}"));
            };
            if !seen.insert((ip, port)) {
                return Err(format!("listed twice: {line}"));
            }
            let in_host = states.get(&(ip, port)).copied();
            equal(
                &format!("state of {ip} port {port} in its line and its host's"),
                line["state"].as_str(),
                in_host,
            )?;
        }
        Ok(())
    }
}

fn account_host(host: &Value) -> Result<(), String> {
    let ip = &host["ip"];
    let mut all = 0;
    for state in STATES {
        let count = host[state]
            .as_u64()
            .ok_or_else(|| format!("{ip}: no count `{state}`"))?;
        let listed = ranges(host, state)?
            .iter()
            .map(|range| range.len() as u64)
            .sum::<u64>();
        equal(
            &format!("{ip}: `ports.{state}`, and its count"),
            Some(listed),
            Some(count),
        )?;
        all += count;
    }
    let reasons = host["reasons"]
        .as_object()
        .ok_or_else(|| format!("{ip}: no `reasons`"))?;
    let by_reason = reasons.values().filter_map(Value::as_u64).sum::<u64>();
    equal(
        &format!("{ip}: sum of `reasons`, and of states"),
        Some(by_reason),
        Some(all),
    )
}

fn equal<T: PartialEq + Copy + std::fmt::Debug>(
    what: &str,
    left: Option<T>,
    right: Option<T>,
) -> Result<(), String> {
    if left.is_some() && left == right {
        Ok(())
    } else {
        Err(format!("accounts differ, {what}: {left:?} and {right:?}"))
    }
}

/// The address of a line, without the zone that a link-local one carries.
pub(crate) fn address(line: &Value) -> Option<IpAddr> {
    let text = line["ip"].as_str()?;
    IpAddr::from_str(text.split('%').next()?).ok()
}

fn ranges(host: &Value, state: &str) -> Result<Vec<std::ops::RangeInclusive<u16>>, String> {
    let text = host["ports"][state]
        .as_str()
        .ok_or_else(|| format!("no `ports.{state}` in {host}"))?;
    let parse = |port: &str| {
        port.parse::<u16>()
            .map_err(|e| format!("`ports.{state}` {text:?}: {port:?}: {e}"))
    };
    text.split(',')
        .filter(|part| !part.is_empty())
        .map(|part| {
            let (first, last) = part.split_once('-').unwrap_or((part, part));
            Ok(parse(first)?..=parse(last)?)
        })
        .collect()
}
