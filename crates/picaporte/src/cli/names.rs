//! Names become addresses: by the hosts file, then by the name servers that the system is set up
//! to ask. Every address counts. What is asked lives only here and is gone before the scan begins.

use std::net::IpAddr;

use hickory_resolver::config::{LookupIpStrategy, ResolveHosts, ResolverOpts};
use hickory_resolver::net::{DnsError, NetError};
use hickory_resolver::proto::op::{Query, ResponseCode};
use hickory_resolver::proto::rr::{Name, RecordType};
use hickory_resolver::{Hosts, TokioResolver};
use tokio::runtime::{Builder, Runtime};
use tokio::task::JoinSet;

use super::family::Family;
use crate::words::errors::reason;
use crate::words::said::Said;

/// How many names are asked for at a time.
const AT_A_TIME: usize = 64;

/// What is known of a name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Answer {
    /// Its addresses, each once.
    pub(crate) addresses: Vec<IpAddr>,
    /// What went wrong, although there may be addresses.
    pub(crate) trouble: Option<Said>,
}

/// Whoever turns names into addresses.
pub(crate) trait Resolve {
    /// One answer for each name, in their order.
    fn resolve(&self, names: &[String], family: Option<Family>) -> Vec<Answer>;
}

/// The way that this system is set up to resolve.
pub(crate) struct System;

impl Resolve for System {
    fn resolve(&self, names: &[String], family: Option<Family>) -> Vec<Answer> {
        let hosts = Hosts::from_system().unwrap_or_default();
        let mut answers: Vec<Answer> = names
            .iter()
            .map(|name| by_hosts(&hosts, name, family))
            .collect();
        let rest: Vec<usize> = (0..names.len())
            .filter(|&i| answers[i].addresses.is_empty())
            .collect();
        if rest.is_empty() {
            return answers;
        }
        match set_up(|options| options.ip_strategy = strategy(family)) {
            Ok((runtime, resolver)) => {
                let asked = runtime.block_on(ask(&resolver, rest, names, family));
                for (i, answer) in asked {
                    answers[i] = answer;
                }
            }
            Err(trouble) => {
                for i in rest {
                    answers[i].trouble = Some(trouble.clone());
                }
            }
        }
        answers
    }
}

/// A name in the hosts file has the addresses that stand there, and no others.
fn by_hosts(hosts: &Hosts, name: &str, family: Option<Family>) -> Answer {
    let Ok(name) = Name::from_utf8(name) else {
        return Answer::default();
    };
    let types = [(Family::V4, RecordType::A), (Family::V6, RecordType::AAAA)];
    let wanted = types
        .into_iter()
        .filter(|(f, _)| family.is_none_or(|only| only == *f));
    let found =
        wanted.filter_map(|(_, t)| hosts.lookup_static_host(&Query::query(name.clone(), t)));
    let records = found.flat_map(|lookup| lookup.answers().to_vec());
    Answer {
        addresses: each_once(records.filter_map(|r| r.data.ip_addr())),
        trouble: None,
    }
}

fn strategy(family: Option<Family>) -> LookupIpStrategy {
    match family {
        Some(Family::V4) => LookupIpStrategy::Ipv4Only,
        Some(Family::V6) => LookupIpStrategy::Ipv6Only,
        None => LookupIpStrategy::Ipv4AndIpv6,
    }
}

/// The resolver as this system is set up, but for the hosts file, which whoever asks looks into; and what drives it.
///
/// # Errors
/// One sentence: no name server is known, or the system refuses what is needed to ask.
pub(super) fn set_up(
    adjust: impl FnOnce(&mut ResolverOpts),
) -> Result<(Runtime, TokioResolver), Said> {
    let runtime = Builder::new_current_thread().enable_all().build();
    let runtime = runtime.map_err(|error| not_started(&error))?;
    let no_servers = |error: NetError| {
        said!(
            |lang| "no name server can be asked (/etc/resolv.conf): {why}",
            "no se puede preguntar a ningún servidor de nombres (/etc/resolv.conf): {why}",
            why = match &error {
                NetError::Io(error) => reason(lang, error),
                other => other.to_string(),
            }
        )
    };
    let mut builder = TokioResolver::builder_tokio().map_err(no_servers)?;
    let options = builder.options_mut();
    options.use_hosts_file = ResolveHosts::Never;
    adjust(options);
    let resolver = {
        let _inside = runtime.enter();
        builder.build().map_err(no_servers)?
    };
    Ok((runtime, resolver))
}

/// What asks name servers has no thread, or no descriptors.
pub(super) fn not_started(error: &std::io::Error) -> Said {
    said!(
        |lang| "the resolver can't be started: {why}",
        "no se puede poner en marcha la resolución de nombres: {why}",
        why = reason(lang, error)
    )
}

/// Asks for the names at these places, [`AT_A_TIME`].
async fn ask(
    resolver: &TokioResolver,
    places: Vec<usize>,
    names: &[String],
    family: Option<Family>,
) -> Vec<(usize, Answer)> {
    let (mut tasks, mut answers) = (JoinSet::new(), Vec::with_capacity(places.len()));
    for place in places {
        if tasks.len() == AT_A_TIME
            && let Some(Ok(answer)) = tasks.join_next().await
        {
            answers.push(answer);
        }
        let (resolver, name) = (resolver.clone(), names[place].clone());
        tasks.spawn(async move { (place, one(&resolver, &name, family).await) });
    }
    while let Some(done) = tasks.join_next().await {
        answers.extend(done);
    }
    answers
}

async fn one(resolver: &TokioResolver, name: &str, family: Option<Family>) -> Answer {
    match resolver.lookup_ip(absolute_if_special(name)).await {
        Ok(found) => {
            let addresses = each_once(found.iter());
            let trouble = half_missing(resolver, found.query().name(), &addresses, family).await;
            Answer { addresses, trouble }
        }
        Err(error) => Answer {
            addresses: Vec::new(),
            trouble: Some(describe(&error)),
        },
    }
}

/// RFC 6761, section 6.4: names under `invalid` don't exist, and nobody is to be asked, not even
/// with a search domain behind them.
fn absolute_if_special(name: &str) -> String {
    let dot = if name == "invalid" || name.ends_with(".invalid") {
        "."
    } else {
        ""
    };
    format!("{name}{dot}")
}

/// The resolver is content with one family; when the question for the other failed, its
/// addresses are missing. That there are none is no failure (and the answer is in the cache).
async fn half_missing(
    resolver: &TokioResolver,
    name: &Name,
    addresses: &[IpAddr],
    family: Option<Family>,
) -> Option<Said> {
    let has = |v6| addresses.iter().any(|a| a.is_ipv6() == v6);
    let (missing, asked) = match (family, has(false), has(true)) {
        (None, true, false) => ("IPv6", resolver.ipv6_lookup(name.clone()).await),
        (None, false, true) => ("IPv4", resolver.ipv4_lookup(name.clone()).await),
        _ => return None,
    };
    let error = asked.err().filter(|e| !e.is_no_records_found())?;
    let why = describe(&error);
    Some(said!(
        |lang| "its {missing} addresses, if any, are not known: {why}",
        "sus direcciones {missing}, si las hay, no se conocen: {why}",
        missing = missing,
        why = why.text(lang)
    ))
}

fn describe(error: &NetError) -> Said {
    match error {
        NetError::Dns(DnsError::NoRecordsFound(none))
            if none.response_code == ResponseCode::NXDomain =>
        {
            said!("there is no such name", "ese nombre no existe")
        }
        NetError::Dns(DnsError::NoRecordsFound(_)) => {
            said!("the name has no address", "el nombre no tiene dirección")
        }
        NetError::Dns(DnsError::ResponseCode(code)) => said!(
            "the name server says: {code}",
            "el servidor de nombres dice: {code}",
            code = code
        ),
        NetError::Timeout => said!(
            "no name server answered in time",
            "ningún servidor de nombres respondió a tiempo"
        ),
        NetError::NoConnections => said!(
            "no name server can be reached",
            "no se llega a ningún servidor de nombres"
        ),
        other => Said::new(|_| other.to_string()),
    }
}

fn each_once(addresses: impl Iterator<Item = IpAddr>) -> Vec<IpAddr> {
    let mut addresses: Vec<IpAddr> = addresses.map(|a| a.to_canonical()).collect();
    addresses.sort_unstable();
    addresses.dedup();
    addresses
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hosts() -> Hosts {
        let text = "192.0.2.1 one both\n192.0.2.2 both\n2001:db8::1 both six\n";
        let mut hosts = Hosts::default();
        hosts.read_hosts_conf(text.as_bytes()).unwrap();
        hosts
    }

    fn found(name: &str, family: Option<Family>) -> String {
        let answer = by_hosts(&hosts(), name, family);
        answer
            .addresses
            .iter()
            .map(ToString::to_string)
            .collect::<Vec<_>>()
            .join(" ")
    }

    #[test]
    fn the_hosts_file_gives_every_address() {
        assert_eq!(found("both", None), "192.0.2.1 192.0.2.2 2001:db8::1");
        assert_eq!(found("both", Some(Family::V4)), "192.0.2.1 192.0.2.2");
        assert_eq!(found("both", Some(Family::V6)), "2001:db8::1");
        assert_eq!(found("one", Some(Family::V6)), "");
        assert_eq!(found("none", None), "");
    }

    #[test]
    fn a_name_that_cannot_exist_is_not_asked_for_in_search_domains() {
        assert_eq!(absolute_if_special("a.invalid"), "a.invalid.");
        assert_eq!(absolute_if_special("notinvalid"), "notinvalid");
    }
}
