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
use tokio::sync::{Semaphore, mpsc};

use super::message;
use super::names;
use super::naming::{Ask, Naming, Said};
use super::output::Outputs;
use crate::report::encode::Untrusted;
use crate::report::{Header, Lang, Reverse};
use crate::words::said;

/// How many questions are open at a time: as for names of targets.
const AT_A_TIME: usize = 64;
/// How many addresses wait for their question. Beyond that they are not asked about.
const WAITING: usize = 4_096;
/// The longest that a question is open. No finding waits longer for it, and a name server that knows the answer, or the next one
/// to ask, needs a small part of that. Meanwhile what got lost is sent again, every third of a second.
const QUESTION: Duration = Duration::from_secs(1);

/// Addresses that answer are asked about from now on. That nobody can be asked is told, and the scan goes on: a name is no finding.
pub(super) fn ask_names(outputs: &mut Outputs, header: &Header, quiet: bool, lang: Lang) {
    match System::begin() {
        Ok(asking) => outputs.ask_names(Naming::new(Box::new(asking), header.reverse.clone())),
        Err(_) if quiet => {}
        Err(why) => {
            let says = say!(
                lang,
                "--reverse-dns: {why}; no address gets a name",
                "--reverse-dns: {why}; ninguna dirección recibe nombre",
                why = why.text(lang)
            );
            message::warning(lang, &says);
        }
    }
}

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
    pub(crate) fn begin() -> Result<Self, said::Said> {
        let (runtime, resolver) = names::set_up(|options| {
            options.timeout = QUESTION;
            options.attempts = 0;
            // Each address is asked about once.
            options.cache_size = 0;
        })?;
        let hosts = Hosts::from_system().unwrap_or_default();
        let (questions, asked) = mpsc::channel(WAITING);
        let (told, answers) = crossbeam_channel::unbounded();
        let ask = move || {
            runtime.block_on(answer_each(asked, told, |ip| find(&hosts, &resolver, ip)));
        };
        thread::Builder::new()
            .name("reverse-dns".to_owned())
            .spawn(ask)
            .map_err(|error| names::not_started(&error))?;
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

/// Answers everything that is asked, [`AT_A_TIME`], until nobody can ask any more.
async fn answer_each<F: Future<Output = Said> + Send + 'static>(
    mut asked: mpsc::Receiver<IpAddr>,
    told: Sender<(IpAddr, Said)>,
    find: impl Fn(IpAddr) -> F,
) {
    let room = Arc::new(Semaphore::new(AT_A_TIME));
    while let Ok(place) = room.clone().acquire_owned().await
        && let Some(ip) = asked.recv().await
    {
        let (found, told) = (find(ip), told.clone());
        tokio::spawn(async move {
            // Whoever asked may have gone.
            let _ = told.send((ip, found.await));
            drop(place);
        });
    }
}

fn find(
    hosts: &Hosts,
    resolver: &TokioResolver,
    ip: IpAddr,
) -> impl Future<Output = Said> + Send + 'static {
    let (here, resolver) = (by_hosts(hosts, ip), resolver.clone());
    async move {
        match here {
            Some(said) => said,
            None => in_time(by_dns(&resolver, ip)).await,
        }
    }
}

/// An address in the hosts file has the names that stand there, and nobody is asked.
fn by_hosts(hosts: &Hosts, ip: IpAddr) -> Option<Said> {
    let query = Query::query(Name::from(ip), RecordType::PTR);
    let found = hosts.lookup_static_host(&query)?;
    Some(of_records(found.answers()))
}

async fn by_dns(resolver: &TokioResolver, ip: IpAddr) -> Said {
    match resolver.reverse_lookup(Name::from(ip)).await {
        Ok(found) => of_records(found.answers()),
        Err(error) => of_error(&error),
    }
}

async fn in_time(question: impl Future<Output = Said>) -> Said {
    let answer = tokio::time::timeout(QUESTION, question).await;
    answer.unwrap_or(Said::Silence)
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
mod tests;
