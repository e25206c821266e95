//! Asks the reverse DNS what addresses are called: by the hosts file, then by the name servers that this system is set up to ask, on a
//! thread of its own, so that a scan never waits for a name server. It knows no scan; what it hands back is data, whatever came.

use std::net::IpAddr;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use crossbeam_channel::{Receiver, Sender};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::Query;
use hickory_resolver::proto::rr::{Name, RData, Record, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use tokio::runtime::Runtime;
use tokio::sync::{Semaphore, mpsc};

use super::message::reason;
use super::names;
use super::naming::{Ask, Said};
use crate::report::Reverse;
use crate::report::encode::Untrusted;

/// How many questions are open at a time: as for names of targets.
const AT_A_TIME: usize = 64;
/// How many addresses wait for their question. Beyond that they are not asked about.
const WAITING: usize = 4_096;
/// The longest that a question is open. No finding waits longer for it, and a name server that knows the answer, or the next one
/// to ask, needs a small part of that. Meanwhile what got lost is sent again, every third of a second.
const QUESTION: Duration = Duration::from_secs(1);

/// The thread that asks, until this is dropped.
pub(crate) struct System {
    questions: mpsc::Sender<IpAddr>,
    answers: Receiver<(IpAddr, Said)>,
}

impl System {
    /// Begins, without asking anything yet.
    ///
    /// # Errors
    /// That this system is not set up to ask any name server, or has no thread left: one sentence.
    pub(crate) fn begin() -> Result<Self, String> {
        let (runtime, resolver) = names::set_up(|options| {
            options.timeout = QUESTION;
            options.attempts = 0;
            // Each address is asked about once.
            options.cache_size = 0;
        })?;
        let hosts = Hosts::from_system().unwrap_or_default();
        let (questions, asked) = mpsc::channel(WAITING);
        let (told, answers) = crossbeam_channel::unbounded();
        let ask = move || ask(&runtime, resolver, &hosts, asked, told);
        thread::Builder::new()
            .name("reverse-dns".to_owned())
            .spawn(ask)
            .map_err(|e| format!("the resolver can't be started: {}", reason(&e)))?;
        Ok(Self { questions, answers })
    }
}

impl Ask for System {
    fn ask(&mut self, ip: IpAddr) -> bool {
        self.questions.try_send(ip).is_ok()
    }

    fn answer(&mut self) -> Option<(IpAddr, Said)> {
        self.answers.try_recv().ok()
    }
}

/// Answers everything that is asked, until nobody can ask any more.
fn ask(
    runtime: &Runtime,
    resolver: TokioResolver,
    hosts: &Hosts,
    mut asked: mpsc::Receiver<IpAddr>,
    told: Sender<(IpAddr, Said)>,
) {
    let room = Arc::new(Semaphore::new(AT_A_TIME));
    runtime.block_on(async {
        while let Ok(place) = room.clone().acquire_owned().await
            && let Some(ip) = asked.recv().await
        {
            let (resolver, told) = (resolver.clone(), told.clone());
            let here = by_hosts(hosts, ip);
            runtime.spawn(async move {
                let said = match here {
                    Some(said) => said,
                    None => by_dns(&resolver, ip).await,
                };
                // Whoever asked may have gone.
                let _ = told.send((ip, said));
                drop(place);
            });
        }
    });
}

/// An address in the hosts file has the names that stand there, and nobody is asked.
fn by_hosts(hosts: &Hosts, ip: IpAddr) -> Option<Said> {
    let query = Query::query(Name::from(ip), RecordType::PTR);
    let found = hosts.lookup_static_host(&query)?;
    Some(of_records(found.answers()))
}

async fn by_dns(resolver: &TokioResolver, ip: IpAddr) -> Said {
    match tokio::time::timeout(QUESTION, resolver.reverse_lookup(Name::from(ip))).await {
        Ok(Ok(found)) => of_records(found.answers()),
        Ok(Err(error)) => of_error(&error),
        Err(_) => Said::Silence,
    }
}

fn of_error(error: &NetError) -> Said {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(_)) => Said::NoName,
        NetError::Timeout => Said::Silence,
        _ => Said::Failed,
    }
}

/// The names in the order of their bytes, as an answer has them in any, and each once.
fn of_records(records: &[Record]) -> Said {
    let mut names: Vec<_> = records
        .iter()
        .filter_map(|record| match &record.data {
            RData::PTR(name) => Some(bytes(&name.0)),
            _ => None,
        })
        .filter(|name| !name.is_empty())
        .collect();
    names.sort_unstable();
    names.dedup();
    names.truncate(Reverse::NAMES);
    if names.is_empty() {
        return Said::NoName;
    }
    Said::Names(names.into_iter().map(Untrusted::new).collect())
}

/// The labels' bytes as they came, dots between them and none behind. A dot in a label can't be told from one between two: it is a text to
/// be shown, and nobody looks it up.
fn bytes(name: &Name) -> Vec<u8> {
    name.iter().collect::<Vec<_>>().join(&b'.')
}

#[cfg(test)]
mod tests {
    use hickory_resolver::proto::rr::rdata::PTR;

    use super::*;

    fn record(labels: &[&[u8]]) -> Record {
        let name = Name::from_labels(labels.iter().copied()).unwrap();
        Record::from_rdata(Name::root(), 60, RData::PTR(PTR(name)))
    }

    fn shown(said: Said) -> Vec<String> {
        match said {
            Said::Names(names) => names.iter().map(Untrusted::terminal).collect(),
            _ => Vec::new(),
        }
    }

    #[test]
    fn names_are_the_bytes_that_came_in_an_order_of_their_own() {
        let records = [
            record(&[b"www", b"example", b"org"]),
            record(&[b"\x1b[2J\xff", b"<script>"]),
            record(&[b"www", b"example", b"org"]),
        ];
        assert_eq!(
            shown(of_records(&records)),
            [r"\u{1b}[2J\xff.<script>", "www.example.org"]
        );
    }

    #[test]
    fn no_more_than_four_names_are_handed_on() {
        let records: Vec<_> = (b'a'..=b'z').rev().map(|c| record(&[&[c]])).collect();
        assert_eq!(shown(of_records(&records)), ["a", "b", "c", "d"]);
    }

    #[test]
    fn a_name_of_255_bytes_is_whole() {
        // 3 labels of 63 bytes and one of 61, each with its length, and the root: RFC 1035, section 3.1.
        let labels = [&[b'a'; 63][..], &[b'b'; 63], &[b'c'; 63], &[b'd'; 61]];
        let names = shown(of_records(&[record(&labels)]));
        assert_eq!(names[0].len(), 253);
    }

    #[test]
    fn the_root_alone_is_no_name() {
        assert_eq!(of_records(&[record(&[])]), Said::NoName);
        assert_eq!(of_records(&[]), Said::NoName);
    }

    #[test]
    fn the_hosts_file_goes_first() {
        let mut hosts = Hosts::default();
        let text = "192.0.2.1 one.example both.example\n2001:db8::1 six.example\n";
        hosts.read_hosts_conf(text.as_bytes()).unwrap();
        let named = |ip: &str| by_hosts(&hosts, ip.parse().unwrap()).map(shown);
        assert_eq!(named("192.0.2.1").unwrap(), ["both.example", "one.example"]);
        assert_eq!(named("2001:db8::1").unwrap(), ["six.example"]);
        assert_eq!(named("192.0.2.2"), None);
    }

    #[test]
    fn what_went_wrong_is_told_apart() {
        assert_eq!(of_error(&NetError::Timeout), Said::Silence);
        assert_eq!(of_error(&NetError::NoConnections), Said::Failed);
    }
}
