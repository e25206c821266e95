//! Rules and exceptions held against each other. No rule goes before another: two that ask the opposite are refused, both
//! named, instead of one winning where nobody looks.

use picaporte_core::PortSet;
use picaporte_toml::{At, Checked, mistake};

use picaporte_toml::Text;

use super::rules::written;
use super::{Reading, raw};
use crate::answers::Which;
use crate::policy::{Demand, Exception, Otherwise, Policy, Rule};
use crate::sets::common;

/// Refuses rules of which one lets be open what another forbids, on a host that both name.
pub(super) fn contradictions(raw: &raw::Policy, policy: &Policy) -> Checked<()> {
    for (later, rule) in policy.rules.iter().enumerate() {
        for earlier in &policy.rules[..later] {
            let Some((mine, theirs, ports)) = opposites(rule, earlier) else {
                continue;
            };
            let Some(host) = rule.hosts.common(&earlier.hosts, &policy.zones) else {
                continue;
            };
            if let Some(place) = written(raw.rule[later].get_ref(), mine) {
                return Err(At::place(
                    place,
                    contradiction([rule, earlier], [mine, theirs], &ports, &host),
                ));
            }
        }
    }
    Ok(())
}

fn contradiction(
    [rule, earlier]: [&Rule; 2],
    [mine, theirs]: [Demand; 2],
    ports: &PortSet,
    host: &str,
) -> Text {
    let ask = earlier.asks.iter().find(|ask| ask.demand == theirs);
    let place = ask.map_or(earlier.place, |ask| ask.place);
    mistake!(
        "the rule '{name}' asks {mine} of port {port} on {host}, and the rule '{earlier}' (line {line}, column {column}) asks {theirs}; take the port or the host out of one ('without' leaves hosts out), or write an exception",
        "la regla '{name}' pide {mine} del puerto {port} en {host}, y la regla '{earlier}' (línea {line}, columna {column}) pide {theirs}; quite el puerto o el equipo de una ('without' excluye equipos), o escriba una excepción",
        name = rule.name,
        mine = mine.name(),
        port = first(ports),
        host = host,
        earlier = earlier.name,
        line = place.line,
        column = place.column,
        theirs = theirs.name()
    )
}

fn first(ports: &PortSet) -> u16 {
    ports.ranges().first().map_or(0, |range| range.0)
}

/// Ports that one of two rules lets be open and the other forbids.
fn opposites(rule: &Rule, other: &Rule) -> Option<(Demand, Demand, PortSet)> {
    let lets = [Demand::Must, Demand::May];
    let pairs = lets.map(|demand| [(demand, Demand::MustNot), (Demand::MustNot, demand)]);
    pairs.into_iter().flatten().find_map(|(mine, theirs)| {
        let both = common(rule.named(mine)?, other.named(theirs)?);
        (!both.is_empty()).then_some((mine, theirs, both))
    })
}

/// Warns of what changes nothing.
pub(super) fn pointless(raw: &raw::Policy, policy: &Policy, reading: &mut Reading<'_>) {
    for (later, rule) in policy.rules.iter().enumerate() {
        let of = raw.rule[later].get_ref();
        for demand in Demand::ALL {
            let (Some(ports), Some(place)) = (rule.named(demand), written(of, demand)) else {
                continue;
            };
            let covers = |other: &&Rule| {
                let theirs = other.named(demand);
                rule.wants.is_empty()
                    && theirs.is_some_and(|theirs| ports.minus(theirs).is_empty())
                    && other.hosts.covers(&rule.hosts)
            };
            if let Some(other) = policy.rules[..later].iter().find(covers) {
                let what = mistake!(
                    "{demand} {ports} adds nothing to the rule '{name}' (line {line}), which asks it of all these hosts; leave it out",
                    "{demand} {ports} no añade nada a la regla '{name}' (línea {line}), que lo pide de todos estos equipos; quítelo",
                    demand = demand.name(),
                    ports = ports,
                    name = other.name,
                    line = other.place.line
                );
                reading.warn(place, what);
            }
        }
        if changes_nothing(rule, policy) {
            let what = mistake!(
                "the rule '{name}' changes nothing: otherwise = \"may\" lets everything be open; take it out, or write otherwise = \"must_not\"",
                "la regla '{name}' no cambia nada: otherwise = \"may\" deja que todo esté abierto; quítela, o escriba otherwise = \"must_not\"",
                name = rule.name
            );
            reading.warn(&raw.rule[later], what);
        }
    }
    for (at, exception) in policy.exceptions.iter().enumerate() {
        if never_matches(exception, policy) {
            let what = mistake!(
                "the exception '{name}' can never match: nothing asks anything of these ports on these hosts; mend it, or take it out",
                "la excepción '{name}' no puede aplicarse nunca: nada pide algo de estos puertos en estos equipos; corríjala, o quítela",
                name = exception.name
            );
            reading.warn(&raw.exception[at], what);
        }
    }
}

/// What may be open in any case need not be said, unless others forbid a rest.
fn changes_nothing(rule: &Rule, policy: &Policy) -> bool {
    policy.otherwise == Otherwise::May
        && !rule.demands()
        && !policy.rules.iter().any(Rule::has_rest)
}

/// Whether an exception is about nothing that is asked, as far as that can be known without a scan.
fn never_matches(exception: &Exception, policy: &Policy) -> bool {
    let rules = policy.rules.iter().enumerate();
    let mut rules = rules.filter(|(at, _)| exception.of.is_none_or(|of| of == Which::Rule(*at)));
    let about = |rule: &Rule| {
        let may = rule.named(Demand::May).filter(|_| !rule.wants.is_empty());
        let asked = [rule.named(Demand::Must), rule.named(Demand::MustNot), may];
        let ports = rule.has_rest()
            || asked
                .into_iter()
                .flatten()
                .any(|ports| !common(ports, &exception.ports).is_empty());
        let hosts = &exception.hosts;
        ports && (hosts.common(&rule.hosts, &policy.zones).is_some() || hosts.may_meet(&rule.hosts))
    };
    let default = policy.otherwise == Otherwise::MustNot
        && exception.of.is_none_or(|of| of == Which::Otherwise);
    !default && !rules.any(|(_, rule)| about(rule))
}
