//! From a TOML file to a [`Scenario`], or to the file, line and word to mend. It opens the file and nothing else.

use std::fs;
use std::ops::Range;
use std::path::{Path as FilePath, PathBuf};

use ipnet::IpNet;
use toml::Spanned;

use super::raw::{self, Kind};
use super::{
    Act, At, Hosts, Icmp, Limit, Loss, MOST_GROUPS, MOST_HOPS, MOST_PATHS, Order, Path, Proxy,
    Rule, Scenario, Service, Share, Span, Target, real,
};

/// Why a scenario was refused: what, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}: {what}", place(file, *line, *column))]
pub struct ScenarioError {
    /// The file.
    pub file: PathBuf,
    /// Counted from 1; 0 where the file could not be read at all.
    pub line: usize,
    /// In characters, counted from 1; 0 where the file could not be read at all.
    pub column: usize,
    /// One sentence.
    pub what: String,
}

fn place(file: &FilePath, line: usize, column: usize) -> String {
    match line {
        0 => file.display().to_string(),
        _ => format!("{}:{line}:{column}", file.display()),
    }
}

/// What is wrong, and the bytes that say it.
pub(super) struct Wrong {
    pub(super) what: String,
    pub(super) span: Range<usize>,
}

impl Wrong {
    pub(super) fn at<T>(place: &Spanned<T>, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            span: place.span(),
        }
    }
}

type Checked<T> = Result<T, Wrong>;

/// A longer run would be nobody's idea of a test.
const LONGEST_BOUND: Span = Span::from_ms(1_800_000);
const USUAL_BOUND: Span = Span::from_ms(120_000);
/// No file larger than this is a scenario.
const MOST_BYTES: u64 = 1 << 20;

/// Reads a scenario.
///
/// # Errors
/// The first thing in the file that can't be read, or that does not agree with the rest.
pub fn load(file: &FilePath) -> Result<Scenario, ScenarioError> {
    let unread = |what: String| ScenarioError {
        file: file.to_owned(),
        line: 0,
        column: 0,
        what,
    };
    let size = fs::metadata(file)
        .map_err(|error| unread(format!("can't be read: {error}")))?
        .len();
    if size > MOST_BYTES {
        return Err(unread(format!(
            "has {size} bytes; a scenario has at most {MOST_BYTES}"
        )));
    }
    let text =
        fs::read_to_string(file).map_err(|error| unread(format!("can't be read: {error}")))?;
    from_text(file, &text)
}

/// Reads a scenario from its text; `file` names it and stands in errors.
///
/// # Errors
/// The first thing in the text that can't be read, or that does not agree with the rest.
pub fn from_text(file: &FilePath, text: &str) -> Result<Scenario, ScenarioError> {
    let name = file
        .file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    parse(name, text).map_err(|wrong| {
        let (line, column) = position(text, wrong.span.start);
        ScenarioError {
            file: file.to_owned(),
            line,
            column,
            what: wrong.what,
        }
    })
}

fn position(text: &str, offset: usize) -> (usize, usize) {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |at| at + 1);
    (
        before.matches('\n').count() + 1,
        before[line_start..].chars().count() + 1,
    )
}

pub(super) fn parse(name: String, text: &str) -> Checked<Scenario> {
    let raw: raw::Scenario = toml::from_str(text).map_err(|error| Wrong {
        what: error.message().replace('\n', "; "),
        span: error.span().unwrap_or_default(),
    })?;
    for (key, words) in [("about", &raw.about), ("source", &raw.source)] {
        if words.get_ref().trim().is_empty() {
            return Err(Wrong::at(
                words,
                format!(
                    "'{key}' is empty; say what the scenario stands for and where that is written"
                ),
            ));
        }
    }
    real::check(&raw)?;
    let (path_names, paths) = check_paths(&raw)?;
    if raw.hosts.len() > MOST_GROUPS {
        return Err(Wrong::at(
            &raw.hosts[MOST_GROUPS],
            format!("more than {MOST_GROUPS} [[hosts]]; give one group more addresses"),
        ));
    }
    let hosts = raw
        .hosts
        .iter()
        .map(|hosts| check_hosts(hosts, &path_names, &paths))
        .collect::<Checked<_>>()?;
    let scan = check_order(&raw)?;
    Ok(Scenario {
        name,
        about: raw.about.into_inner(),
        source: raw.source.into_inner(),
        world: raw.world,
        link: raw.link,
        short: raw.short,
        answers_everything: raw.answers_everything,
        scan,
        names: raw
            .names
            .into_iter()
            .map(|(name, ips)| (name, ips.into_inner()))
            .collect(),
        paths,
        hosts,
    })
}

fn check_order(raw: &raw::Scenario) -> Checked<Order> {
    let order = &raw.scan;
    if order.targets.get_ref().is_empty() {
        return Err(Wrong::at(
            &order.targets,
            "no targets; write addresses, prefixes or names of [names]",
        ));
    }
    let bound = match &order.bound {
        None => USUAL_BOUND,
        Some(bound) if (Span::SECOND..=LONGEST_BOUND).contains(bound.get_ref()) => *bound.get_ref(),
        Some(bound) => {
            return Err(Wrong::at(
                bound,
                format!("'bound' goes from 1s to {LONGEST_BOUND}"),
            ));
        }
    };
    if let Some(low) = order
        .descriptors
        .as_ref()
        .filter(|count| *count.get_ref() < 16)
    {
        return Err(Wrong::at(
            low,
            "'descriptors' is at least 16: no program starts with fewer",
        ));
    }
    if let Some(low) = order
        .local_ports
        .as_ref()
        .filter(|count| *count.get_ref() == 0 || *count.get_ref() > 28_232)
    {
        return Err(Wrong::at(
            low,
            "'local_ports' goes from 1 to 28232, what Linux has",
        ));
    }
    Ok(Order {
        targets: order
            .targets
            .get_ref()
            .iter()
            .map(|target| check_target(target, raw))
            .collect::<Checked<_>>()?,
        ports: order.ports.0.clone(),
        bound,
        descriptors: order.descriptors.as_ref().map(|count| *count.get_ref()),
        local_ports: order.local_ports.as_ref().map(|count| *count.get_ref()),
    })
}

fn check_target(target: &Spanned<String>, raw: &raw::Scenario) -> Checked<Target> {
    let text = target.get_ref();
    if let Some(net) = net(text) {
        return Ok(Target::Net(net));
    }
    match raw.names.get(text) {
        Some(ips) if ips.get_ref().is_empty() => {
            Err(Wrong::at(ips, format!("'{text}' has no address")))
        }
        Some(_) => Ok(Target::Name(text.clone())),
        None => Err(Wrong::at(
            target,
            format!("'{text}' is no address, no prefix and no name of [names]"),
        )),
    }
}

pub(super) fn net(text: &str) -> Option<IpNet> {
    let net = text.parse().ok().or_else(|| {
        text.parse()
            .ok()
            .map(|ip: std::net::IpAddr| IpNet::from(ip))
    })?;
    Some(IpNet::trunc(&net))
}

fn check_paths(raw: &raw::Scenario) -> Checked<(Vec<String>, Vec<Path>)> {
    if raw.paths.is_empty() {
        return Ok((
            vec!["default".to_owned()],
            vec![Path {
                name: "default".to_owned(),
                ..Path::default()
            }],
        ));
    }
    if let Some((name, path)) = raw.paths.iter().nth(MOST_PATHS) {
        return Err(Wrong::at(
            path,
            format!("'{name}' is one path too many; a world has at most {MOST_PATHS}"),
        ));
    }
    let paths = raw
        .paths
        .iter()
        .map(|(name, path)| check_path(name, path))
        .collect::<Checked<Vec<_>>>()?;
    Ok((raw.paths.keys().cloned().collect(), paths))
}

fn check_path(name: &str, path: &Spanned<raw::Path>) -> Checked<Path> {
    let raw = path.get_ref();
    let hops = raw.hops.as_ref().map_or(0, |hops| *hops.get_ref());
    if hops > MOST_HOPS {
        let place = raw.hops.as_ref().map_or(path.span(), Spanned::span);
        return Err(Wrong {
            what: format!("'hops' is {hops}; a path has at most {MOST_HOPS} routers"),
            span: place,
        });
    }
    for hop in &raw.silent_hops {
        check_hop(hop, hops)?;
    }
    if let Some(nat) = raw.nat.as_ref().filter(|nat| nat.get_ref().entries == 0) {
        return Err(Wrong::at(
            nat,
            "'entries' is 0; a table holds at least one connection",
        ));
    }
    if let Some(nat) = raw.nat.as_ref().filter(|_| hops == 0) {
        return Err(Wrong::at(
            nat,
            "'nat' stands at the first hop, and this path has none; write hops = 1",
        ));
    }
    let value = |share: &Option<Spanned<Share>>| {
        share.as_ref().map_or(Share::NONE, |share| *share.get_ref())
    };
    Ok(Path {
        name: name.to_owned(),
        hops,
        silent_hops: raw.silent_hops.iter().map(|hop| *hop.get_ref()).collect(),
        icmp_limit: raw.icmp_limit.as_ref().map(|limit| *limit.get_ref()),
        rtt: raw
            .rtt
            .as_ref()
            .map_or(Span::default(), |rtt| *rtt.get_ref()),
        jitter: raw
            .jitter
            .as_ref()
            .map(|jitter| *jitter.get_ref())
            .unwrap_or_default(),
        loss_out: check_loss(raw, raw.loss_out.as_ref(), raw.bursts_out.as_ref())?,
        loss_back: check_loss(raw, raw.loss_back.as_ref(), raw.bursts_back.as_ref())?,
        reorder: raw.reorder.as_ref().map(|reorder| *reorder.get_ref()),
        duplicate: value(&raw.duplicate),
        outages: raw
            .outages
            .as_ref()
            .map(|outages| outages.get_ref().clone())
            .unwrap_or_default(),
        bandwidth: raw.bandwidth.as_ref().map(|bandwidth| *bandwidth.get_ref()),
        nat: raw.nat.as_ref().map(|nat| nat.get_ref().clone()),
        ips: raw.ips.as_ref().map(|ips| *ips.get_ref()),
    })
}

/// One direction's loss: its own word, or that for both.
fn check_loss(
    raw: &raw::Path,
    share: Option<&Spanned<Share>>,
    bursts: Option<&Spanned<super::Bursts>>,
) -> Checked<Loss> {
    let bursts = bursts.or(raw.bursts.as_ref());
    match (share.or(raw.loss.as_ref()), bursts) {
        (Some(share), Some(_)) => Err(Wrong::at(
            share,
            "both single losses and 'bursts' in one direction; write one of them",
        )),
        (Some(share), None) => Ok(Loss::Independent(*share.get_ref())),
        (None, Some(bursts)) => {
            let it = *bursts.get_ref();
            if it.mean < 1.0 || !it.mean.is_finite() || it.share.get() >= 1.0 {
                return Err(Wrong::at(
                    bursts,
                    "'bursts' need a share below 1 and a mean of at least 1 packet",
                ));
            }
            // The chain enters the bad state with probability at most 1: mean × (1 − share) ≥ share.
            if it.mean * (1.0 - it.share.get()) < it.share.get() {
                return Err(Wrong::at(
                    bursts,
                    "'bursts' this short can't lose so large a share; write a larger mean",
                ));
            }
            Ok(Loss::Bursts(it))
        }
        (None, None) => Ok(Loss::None),
    }
}

fn check_hosts(hosts: &Spanned<raw::Hosts>, names: &[String], paths: &[Path]) -> Checked<Hosts> {
    let raw = hosts.get_ref();
    let path = match &raw.path {
        None => 0,
        Some(path) => names
            .iter()
            .position(|name| name == path.get_ref())
            .ok_or_else(|| {
                Wrong::at(
                    path,
                    format!(
                        "no path '{}'; there are: {}",
                        path.get_ref(),
                        names.join(", ")
                    ),
                )
            })?,
    };
    if raw.path.is_none() && paths.len() > 1 {
        return Err(Wrong::at(
            hosts,
            format!(
                "several paths; say by which: path = \"{}\"",
                names.join("\" or \"")
            ),
        ));
    }
    let hops = paths[path].hops;
    if raw.addresses.is_empty() {
        return Err(Wrong::at(
            hosts,
            "hosts without addresses; write addresses = [\"198.18.0.1\"]",
        ));
    }
    for limit in [&raw.rst_limit].into_iter().flatten() {
        check_limit(limit, limit.get_ref())?;
    }
    if let Some(limit) = &raw.icmp_limit {
        for each in [limit.get_ref().per_peer, limit.get_ref().in_all]
            .into_iter()
            .flatten()
        {
            check_limit(limit, &each)?;
        }
    }
    if let Some(queue) = raw
        .listen_queue
        .as_ref()
        .filter(|queue| queue.get_ref().length == 0)
    {
        return Err(Wrong::at(
            queue,
            "'length' is 0; a listen queue holds at least one connection",
        ));
    }
    if let Some(first) = raw
        .answers_from
        .as_ref()
        .filter(|first| !(1..=10).contains(first.get_ref()))
    {
        return Err(Wrong::at(
            first,
            "'answers_from' goes from 1 (the first SYN) to 10",
        ));
    }
    let stack = raw
        .stack
        .as_ref()
        .map(|stack| *stack.get_ref())
        .unwrap_or_default();
    Ok(Hosts {
        addresses: raw
            .addresses
            .iter()
            .map(check_address)
            .collect::<Checked<_>>()?,
        alive: raw
            .alive
            .as_ref()
            .map_or(Share::ALL, |share| *share.get_ref()),
        absent: raw
            .absent
            .as_ref()
            .map(|absent| *absent.get_ref())
            .unwrap_or_default(),
        path,
        rules: raw
            .ports
            .iter()
            .flatten()
            .map(|rule| check_rule(rule, hops))
            .collect::<Checked<_>>()?,
        otherwise: check_otherwise(raw, hops)?,
        stack,
        proxy: raw
            .proxy
            .as_ref()
            .map(|proxy| check_proxy(proxy, hops))
            .transpose()?,
        rst_limit: raw.rst_limit.as_ref().map(|limit| *limit.get_ref()),
        icmp_limit: raw.icmp_limit.as_ref().map(|limit| *limit.get_ref()),
        listen_queue: raw.listen_queue.as_ref().map(|queue| *queue.get_ref()),
        answers_from: raw
            .answers_from
            .as_ref()
            .map_or(1, |first| *first.get_ref()),
    })
}

fn check_limit<T>(place: &Spanned<T>, limit: &Limit) -> Checked<()> {
    if limit.burst == 0 {
        return Err(Wrong::at(
            place,
            "'burst' is 0, so nothing would ever be sent; write at least 1",
        ));
    }
    Ok(())
}

fn check_address(text: &Spanned<String>) -> Checked<IpNet> {
    net(text.get_ref()).ok_or_else(|| {
        Wrong::at(
            text,
            format!(
                "'{}' is no address and no prefix; write it like 198.18.0.1 or 198.18.0.0/24",
                text.get_ref()
            ),
        )
    })
}

fn check_hop(hop: &Spanned<u8>, hops: u8) -> Checked<u8> {
    match *hop.get_ref() {
        0 => Err(Wrong::at(
            hop,
            "hops are counted from 1, the nearest to the scanner",
        )),
        n if n > hops => Err(Wrong::at(hop, format!("hop {n} of a path that has {hops}"))),
        n => Ok(n),
    }
}

fn check_at(at: Option<&Spanned<u8>>, hops: u8) -> Checked<At> {
    at.map_or(Ok(At::Host), |hop| check_hop(hop, hops).map(At::Hop))
}

fn check_proxy(proxy: &Spanned<raw::Proxy>, hops: u8) -> Checked<Proxy> {
    Ok(Proxy {
        hop: check_hop(&proxy.get_ref().hop, hops)?,
        then: proxy.get_ref().then,
    })
}

fn check_otherwise(raw: &raw::Hosts, hops: u8) -> Checked<Act> {
    let Some(otherwise) = &raw.otherwise else {
        return Ok(Act::Closed);
    };
    let it = otherwise.get_ref();
    act(
        it.is,
        it.at.as_ref(),
        it.icmp.as_ref(),
        hops,
        otherwise.span(),
        Service::default,
    )
}

fn check_rule(rule: &Spanned<raw::Rule>, hops: u8) -> Checked<Rule> {
    let it = rule.get_ref();
    let service = || Service {
        says: it
            .says
            .as_ref()
            .map(|says| says.get_ref().clone().into_bytes())
            .unwrap_or_default(),
        echoes: it.echoes.as_ref().is_some_and(|echoes| *echoes.get_ref()),
        answers: it
            .answers
            .as_ref()
            .map(|answers| answers.get_ref().clone().into_bytes()),
        after: it
            .after
            .as_ref()
            .map(|after| *after.get_ref())
            .unwrap_or_default(),
        spoofed: false,
    };
    let manners = [
        it.says.as_ref().map(Spanned::span),
        it.echoes.as_ref().map(Spanned::span),
        it.answers.as_ref().map(Spanned::span),
        it.after.as_ref().map(Spanned::span),
    ];
    if let (true, Some(span)) = (it.is != Kind::Open, manners.into_iter().flatten().next()) {
        return Err(Wrong {
            what: "only an open port has manners; write is = \"open\"".to_owned(),
            span,
        });
    }
    if let Some(says) = [&it.says, &it.answers]
        .into_iter()
        .flatten()
        .find(|says| says.get_ref().len() > MOST_SAID)
    {
        return Err(Wrong::at(says, format!("longer than {MOST_SAID} bytes")));
    }
    Ok(Rule {
        ports: it.ports.0.clone(),
        share: it
            .share
            .as_ref()
            .map_or(Share::ALL, |share| *share.get_ref()),
        act: act(
            it.is,
            it.at.as_ref(),
            it.icmp.as_ref(),
            hops,
            rule.span(),
            service,
        )?,
    })
}

/// What a service may say: no more than fits into anybody's receive window.
const MOST_SAID: usize = 16_384;

fn act(
    kind: Kind,
    at: Option<&Spanned<u8>>,
    icmp: Option<&Spanned<Icmp>>,
    hops: u8,
    whole: Range<usize>,
    service: impl FnOnce() -> Service,
) -> Checked<Act> {
    if let Some(icmp) = icmp.filter(|_| kind != Kind::Rejected) {
        return Err(Wrong::at(
            icmp,
            "only a rejected port has an ICMP error; write is = \"rejected\"",
        ));
    }
    let place = check_at(at, hops)?;
    match (kind, at) {
        (Kind::Open | Kind::Closed, Some(at)) => Err(Wrong::at(
            at,
            "open and closed ports are at the host; 'at' is for dropped, rejected and reset",
        )),
        (Kind::Open, None) => Ok(Act::Open(service())),
        (Kind::Closed, None) => Ok(Act::Closed),
        (Kind::Dropped, _) => Ok(Act::Dropped(place)),
        (Kind::Reset, None) => Err(Wrong {
            what: "a forged RST needs the hop that forges it; write at = 1".to_owned(),
            span: whole,
        }),
        (Kind::Reset, Some(_)) => Ok(Act::Reset(place)),
        (Kind::Rejected, _) => {
            let icmp = icmp.ok_or(Wrong { what: "a rejected port needs its ICMP error; write icmp = \"admin-prohibited\" or icmp = \"3/13\"".to_owned(), span: whole })?;
            Ok(Act::Rejected(*icmp.get_ref(), place))
        }
    }
}

/// For tests: a scenario from its text.
///
/// # Panics
/// When it is refused.
#[cfg(test)]
pub(crate) fn scenario(text: &str) -> Scenario {
    match parse("test".to_owned(), text) {
        Ok(scenario) => scenario,
        Err(wrong) => panic!("{}: {}", position(text, wrong.span.start).0, wrong.what),
    }
}
