//! The appendix: a row for every host, written in batches as hosts are done, and nothing of them kept.

use std::collections::BTreeMap;

use maud::{Markup, html};
use picaporte_core::policy::Policy;
use picaporte_core::scan::HostReport;
use picaporte_core::{Address, PortSet, State, Verdict};

use super::firewalls::icmp_error;
use super::key::Key;
use super::scope::some_of;
use super::text::{self, Outside, some};
use super::words::{Words, fill};
use super::write;
use crate::report::Header;
use crate::report::encode::Untrusted;

/// How many hosts wait for each other, to stand in the order of their addresses: as many as a block of the plan has.
pub(super) const BATCH: usize = 4_096;
/// How many hosts one table has. A browser lays out those that are seen.
const PART: usize = 256;
/// The most hosts with open ports that have a row.
pub(super) const OPEN_HOSTS: u64 = 65_536;
/// The most hosts without.
pub(super) const OTHER_HOSTS: u64 = 32_768;
/// The most bytes of all rows.
pub(super) const MOST_BYTES: usize = 20 << 20;
/// How many open ports are kept of a host that is under way.
const UNDER_WAY: usize = 256;
/// The most names of a host that are told.
const NAMES: usize = 8;

/// The rows.
#[derive(Default)]
pub(super) struct Hosts {
    /// By address; names without an address come last, in their order.
    batch: BTreeMap<(bool, Option<Key>, u64), Row>,
    /// Open ports of hosts that are not done.
    under_way: BTreeMap<Key, UnderWay>,
    listed: u64,
    with_open: u64,
    without: u64,
    bytes: usize,
    folded: Folded,
}

struct Row {
    name: String,
    markup: Markup,
}

/// A host that is not done.
struct UnderWay {
    address: Address,
    /// Open ports.
    ports: Vec<u16>,
    /// How many more there are.
    more: u64,
}

/// Hosts without a row.
#[derive(Clone, Copy, Default)]
struct Folded {
    hosts: u64,
    open_hosts: u64,
    open_ports: u64,
}

impl Hosts {
    /// Notes an open port of a host that is not done.
    pub(super) fn open(&mut self, verdict: &Verdict) {
        let host = self.under_way.entry(Key::of(verdict.address));
        let host = host.or_insert(UnderWay {
            address: verdict.address,
            ports: Vec::new(),
            more: 0,
        });
        if host.ports.len() < UNDER_WAY {
            host.ports.push(verdict.port);
        } else {
            host.more += 1;
        }
    }

    /// The names without an address.
    pub(super) fn add_unresolved(&mut self, header: &Header, words: &Words, out: &mut Vec<u8>) {
        for unresolved in header.plan.unresolved() {
            let untested = u64::from(unresolved.ports.len());
            let states = vec![words.in_state(State::Untested, untested)];
            let row = row(
                &unresolved.name,
                &[],
                &[],
                &PortSet::empty(),
                states,
                &[words.no_address.to_owned()],
                words,
            );
            self.keep(None, &unresolved.name, row, 0, out, words);
        }
    }

    /// A host that is done.
    pub(super) fn add(
        &mut self,
        header: &Header,
        words: &Words,
        host: &HostReport,
        out: &mut Vec<u8>,
    ) {
        let key = Key::of(host.address);
        self.under_way.remove(&key);
        let address = header.named(host.address).to_string();
        let names: Vec<&str> = header
            .names(host.address)
            .iter()
            .map(|name| &**name)
            .collect();
        let states = State::ALL.into_iter().skip(1).filter_map(|state| {
            let n = host.counts.in_state(state);
            (n > 0).then(|| words.in_state(state, n))
        });
        let notes = notes(header, words, host);
        let row = row(
            &address,
            &names,
            &header.reverse(host.address),
            &host.open,
            states.collect(),
            &notes,
            words,
        );
        self.keep(Some(key), &address, row, host.open.len().into(), out, words);
    }

    /// Writes what is left, hosts whose account never came among it, and what is folded.
    pub(super) fn end(&mut self, header: &Header, words: &Words, out: &mut Vec<u8>) {
        for (key, host) in std::mem::take(&mut self.under_way) {
            let name = header.named(host.address).to_string();
            let ports = PortSet::from_ports(host.ports);
            let mut notes = vec![words.host_unfinished.to_owned()];
            if host.more > 0 {
                notes.push(fill(words.and_more, &[&words.number(host.more)]));
            }
            let reverse = header.reverse(host.address);
            let row = row(&name, &[], &reverse, &ports, Vec::new(), &notes, words);
            let open = u64::from(ports.len()) + host.more;
            self.keep(Some(key), &name, row, open, out, words);
        }
        self.flush(words, out);
        let Folded {
            hosts,
            open_hosts,
            open_ports,
        } = self.folded;
        if hosts > 0 {
            let parts = [
                words.count(hosts, &words.host),
                words.number(open_hosts),
                words.count(open_ports, &words.open_port),
            ];
            let note = fill(words.hosts_folded, &[&parts[0], &parts[1], &parts[2]]);
            write(out, &html! { p.fold { (note) } });
        } else if self.listed == 0 {
            write(out, &html! { p { (words.hosts_none) } });
        }
    }

    /// Keeps a row for its batch if there is room on the page; `open` is how many open ports it tells.
    fn keep(
        &mut self,
        key: Option<Key>,
        name: &str,
        markup: Markup,
        open: u64,
        out: &mut Vec<u8>,
        words: &Words,
    ) {
        let (those, most) = if open > 0 {
            (&mut self.with_open, OPEN_HOSTS)
        } else {
            (&mut self.without, OTHER_HOSTS)
        };
        if *those >= most || self.bytes + markup.0.len() > MOST_BYTES {
            self.folded.hosts += 1;
            self.folded.open_hosts += u64::from(open > 0);
            self.folded.open_ports += open;
            return;
        }
        *those += 1;
        self.listed += 1;
        self.bytes += markup.0.len();
        let name = name.to_owned();
        self.batch
            .insert((key.is_none(), key, self.listed), Row { name, markup });
        if self.batch.len() >= BATCH {
            self.flush(words, out);
        }
    }

    fn flush(&mut self, words: &Words, out: &mut Vec<u8>) {
        let rows: Vec<Row> = std::mem::take(&mut self.batch).into_values().collect();
        let several = rows.len() > PART || self.listed > rows.len() as u64;
        for part in rows.chunks(PART) {
            write(out, &table(part, several, words));
        }
    }
}

fn table(rows: &[Row], several: bool, words: &Words) -> Markup {
    let ends = rows.first().zip(rows.last()).filter(|_| several);
    html! {
        div.part {
            table.hosts {
                @if let Some((first, last)) = ends {
                    caption { bdi { (Outside(&first.name)) } " – " bdi { (Outside(&last.name)) } }
                }
                thead { tr { th { (words.host.one) } th { (words.open_port.many) } th { (words.notes) } } }
                tbody { @for row in rows { (row.markup) } }
            }
        }
    }
}

fn row(
    host: &str,
    names: &[&str],
    reverse: &[Untrusted],
    open: &PortSet,
    states: Vec<String>,
    notes: &[String],
    words: &Words,
) -> Markup {
    html! {
        tr {
            th scope="row" {
                (Outside(host))
                @if !names.is_empty() {
                    small { (some(names, NAMES, words, |name| html! { bdi { (Outside(name)) } })) }
                }
                (text::reverse(reverse, words))
            }
            td { @if open.is_empty() { "–" } @else { (some_of(open, words)) } }
            td {
                (states.join(", "))
                @for note in notes { small { (note) } }
            }
        }
    }
}

/// What else is to be said of a host.
fn notes(header: &Header, words: &Words, host: &HostReport) -> Vec<String> {
    let mut notes = Vec::new();
    if host.answers_everything {
        notes.push(words.host_everything.to_owned());
    }
    let rejects = host.rejects.iter().map(|(icmp, ports)| {
        let ports = words.count(u64::from(*ports), &words.port);
        format!("{ports} ({})", icmp_error(header, icmp))
    });
    let rejects: Vec<_> = rejects.collect();
    if !rejects.is_empty() {
        notes.push(fill(words.host_rejected, &[&rejects.join(", ")]));
    }
    notes.extend(policy(words, host));
    if let Some(slowed) = host.slowed {
        let pace = words.count(slowed.per_second.into(), &words.attempt);
        notes.push(fill(words.host_slowed, &[&pace]));
    }
    notes
}

/// That closed ports answer with a RST is ordinary, and not said.
fn policy(words: &Words, host: &HostReport) -> Option<String> {
    let default = host.default_policy()?;
    let others = default.differ.minus(&host.open);
    if default.policy == Policy::Reset && others.is_empty() {
        return None;
    }
    let mut text = fill(words.host_policy, &[(words.policy)(default.policy)]);
    if !others.is_empty() {
        text.push_str(", ");
        text.push_str(&fill(words.host_differ, &[&some_of(&others, words)]));
    }
    if default.rationed {
        text.push_str("; ");
        text.push_str(words.host_rationed);
    }
    Some(text)
}
