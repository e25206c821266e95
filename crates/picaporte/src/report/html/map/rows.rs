//! What the map shows: which ports have a column, which hosts share a row, and how many of them are in each state.

use picaporte_core::{Plan, State};

use super::super::key::Key;
use super::{COLUMNS, Host, Map, Split, add};
use crate::report::Header;

/// The most rows: what is legible on one page.
pub(super) const ROWS: usize = 64;

/// What is drawn.
pub(super) struct Picture {
    /// Ports, in their order; none where networks are drawn.
    pub(super) columns: Vec<u16>,
    pub(super) rows: Vec<Row>,
    /// How many ports are open somewhere.
    pub(super) open_somewhere: usize,
    /// Hosts of too many ranges of ports.
    pub(super) ragged: u64,
    pub(super) hosts: u64,
    /// Networks are drawn, not hosts.
    pub(super) networks: bool,
}

pub(super) struct Row {
    /// `None` stands for the networks that are not kept.
    pub(super) label: Option<String>,
    pub(super) hosts: u64,
    /// A split of its hosts for each column.
    pub(super) cells: Vec<Split>,
    /// A split of all their other ports.
    pub(super) rest: Split,
}

impl Row {
    /// A split of all ports.
    pub(super) fn all(&self) -> Split {
        let mut all = self.rest;
        self.cells.iter().for_each(|cell| add(&mut all, *cell));
        all
    }
}

impl Map {
    pub(super) fn picture(&self, header: &Header) -> Picture {
        if self.folds() {
            return self.of_networks();
        }
        let open = self.open_ports();
        let mut columns: Vec<u16> = open.iter().take(COLUMNS).map(|&(port, _)| port).collect();
        columns.sort_unstable();
        let keys: Vec<Key> = self.hosts.keys().copied().collect();
        let hosts: Vec<&Host> = self.hosts.values().collect();
        let groups = groups(&keys, |k| (32 - k, 128 - 4 * k));
        let rows = groups.into_iter().map(|group| {
            let label = match group.label {
                Some(network) => network,
                None => header.named(hosts[group.first].address).to_string(),
            };
            row(
                &header.plan,
                label,
                &hosts[group.first..group.end],
                &columns,
            )
        });
        Picture {
            rows: rows.collect(),
            columns,
            open_somewhere: open.len(),
            ragged: hosts.iter().filter(|host| host.ports.is_none()).count() as u64,
            hosts: self.seen,
            networks: false,
        }
    }

    fn of_networks(&self) -> Picture {
        let keys: Vec<Key> = self.networks.keys().copied().collect();
        let sums: Vec<_> = self.networks.values().collect();
        let groups = groups(&keys, |k| (24_u32.saturating_sub(k), 64 - 2 * k));
        let rows = groups.into_iter().map(|group| {
            let mut row = Row {
                label: Some(
                    group
                        .label
                        .unwrap_or_else(|| keys[group.first].prefix(24, 64)),
                ),
                hosts: 0,
                cells: Vec::new(),
                rest: Split::default(),
            };
            for sum in &sums[group.first..group.end] {
                row.hosts += sum.hosts;
                add(&mut row.rest, sum.split);
            }
            row
        });
        let mut rows: Vec<_> = rows.collect();
        if self.others.hosts > 0 {
            rows.push(Row {
                label: None,
                hosts: self.others.hosts,
                cells: Vec::new(),
                rest: self.others.split,
            });
        }
        Picture {
            columns: Vec::new(),
            rows,
            open_somewhere: self.open_ports().len(),
            ragged: 0,
            hosts: self.seen,
            networks: true,
        }
    }
}

fn row(plan: &Plan, label: String, hosts: &[&Host], columns: &[u16]) -> Row {
    let mut row = Row {
        label: Some(label),
        hosts: hosts.len() as u64,
        cells: vec![Split::default(); columns.len()],
        rest: Split::default(),
    };
    for host in hosts {
        let mut rest = host.split;
        for (cell, &port) in row.cells.iter_mut().zip(columns) {
            if let Some(state) = host.state(plan, port) {
                cell[state] += 1;
                rest[state] = rest[state].saturating_sub(1);
            }
        }
        add(&mut row.rest, rest);
    }
    row
}

/// Hosts or networks that share a row: `first..end`, and what they are called if they are several.
struct Group {
    first: usize,
    end: usize,
    label: Option<String>,
}

/// Sorted keys in no more than [`ROWS`] groups, by the longest prefix that makes so few. `lengths` gives the lengths of IPv4
/// and IPv6 prefixes at each of 33 steps; the last is 0 for both.
fn groups(keys: &[Key], lengths: impl Fn(u32) -> (u32, u32)) -> Vec<Group> {
    if keys.len() <= ROWS {
        let one = |first| Group {
            first,
            end: first + 1,
            label: None,
        };
        return (0..keys.len()).map(one).collect();
    }
    let of_step = |step| by_prefix(keys, lengths(step));
    let steps = (0..=32).map(of_step);
    let mut few = steps.filter(|groups| groups.len() <= ROWS);
    few.next().unwrap_or_default()
}

fn by_prefix(keys: &[Key], (v4, v6): (u32, u32)) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    let mut last = None;
    for (i, key) in keys.iter().enumerate() {
        let network = key.within(v4, v6);
        match groups.last_mut() {
            Some(group) if last == Some(network) => {
                group.end = i + 1;
                group.label = Some(network.prefix(v4, v6));
            }
            _ => groups.push(Group {
                first: i,
                end: i + 1,
                label: None,
            }),
        }
        last = Some(network);
    }
    groups
}

/// In how many of each state, as an order of [`State::ALL`].
pub(super) fn by_state(split: Split) -> impl Iterator<Item = (State, u64)> {
    State::ALL.into_iter().zip(split).filter(|(_, n)| *n > 0)
}
