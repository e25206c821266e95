//! The rules of a policy, each by itself.

use std::collections::BTreeMap;

use picaporte_core::PortSet;
use picaporte_toml::{At, Checked, Text, mistake};
use toml::Spanned;

use super::entries::Entries;
use super::{Reading, needed, raw, services};
use crate::policy::{Ask, Demand, Place, Ports, Rule};
use crate::sets::common;

/// What a policy calls all ports that no rule lets be open.
const REST: &str = "rest";
/// No rule is called so, because reports call what holds otherwise by it.
pub(super) const OTHERWISE: &str = "otherwise";
/// More hosts than a scan can name (`picaporte_diff::Limits`), so that what all of them must be can't be told.
const MOST_HOSTS: u128 = 1 << 20;

pub(super) fn read(
    raw: &[Spanned<raw::Rule>],
    entries: &mut Entries<'_>,
    reading: &mut Reading<'_>,
) -> Checked<Vec<Rule>> {
    let mut names = BTreeMap::new();
    let rules = raw.iter().map(|place| {
        let rule = rule(place, entries, reading)?;
        let name = place.get_ref().name.as_ref();
        let kind = mistake!("rule", "regla");
        unique(&kind, &rule.name, name, rule.place, &mut names)?;
        Ok(rule)
    });
    rules.collect()
}

/// No two of a kind are called alike.
pub(super) fn unique(
    kind: &Text,
    name: &str,
    written: Option<&Spanned<String>>,
    place: Place,
    names: &mut BTreeMap<String, Place>,
) -> Checked<()> {
    let Some(written) = written else {
        return Ok(());
    };
    if name == OTHERWISE {
        let what = mistake!(
            kind => "'{otherwise}' is what reports call the default; call the {kind} something else",
            "'{otherwise}' es como llaman los informes a lo que vale por defecto; llame a la {kind} de otro modo",
            otherwise = OTHERWISE
        );
        return Err(At::place(written, what));
    }
    if let Some(first) = names.insert(name.to_owned(), place) {
        let (line, column) = (first.line, first.column);
        let what = mistake!(
            kind => "another {kind} is called '{name}' too, at line {line}, column {column}; call one of them something else",
            "otra {kind} se llama también '{name}', en la línea {line}, columna {column}; llame a una de las dos de otro modo",
            name = name,
            line = line,
            column = column
        );
        return Err(At::place(written, what));
    }
    Ok(())
}

fn rule(
    place: &Spanned<raw::Rule>,
    entries: &mut Entries<'_>,
    reading: &mut Reading<'_>,
) -> Checked<Rule> {
    let raw = place.get_ref();
    let this = mistake!("this rule", "esta regla");
    let like = mistake!("web servers", "servidores web");
    let name = needed(&this, "name", place, raw.name.as_ref(), &like)?;
    let of = mistake!("the rule '{name}'", "la regla '{name}'", name = name);
    let like = mistake!("why it is there", "por qué existe");
    let reason = needed(&of, "reason", place, raw.reason.as_ref(), &like)?;
    let Some(list) = &raw.hosts else {
        let what = mistake!(
            of => "{of} has no 'hosts'; write hosts = [\"192.0.2.0/24\"]",
            "{of} no tiene 'hosts'; escriba hosts = [\"192.0.2.0/24\"]"
        );
        return Err(At::place(place, what));
    };
    let hosts = entries.hosts(&of, list, &raw.without, reading)?;
    let asks = asks(raw, reading)?;
    if asks.is_empty() {
        let what = mistake!(
            of => "{of} asks nothing; write must, may or must_not with ports",
            "{of} no pide nada; escriba must, may o must_not con puertos"
        );
        return Err(At::place(place, what));
    }
    let rule = Rule {
        name,
        reason,
        hosts,
        asks,
        wants: services::wants(&of, raw, reading)?,
        place: reading.place(place),
    };
    apart(raw, &rule)?;
    if rule.demands() && rule.hosts.addresses() > MOST_HOSTS {
        let all = rule.hosts.addresses();
        let what = mistake!(
            of => "{of} is about {all} addresses, more than a scan can name ({most}), so that it can never be told to hold; name the networks that are in use",
            "{of} trata de {all} direcciones, más de las que un escaneo puede nombrar ({most}), así que nunca se podrá decir que se cumple; indique las redes en uso",
            all = all,
            most = MOST_HOSTS
        );
        reading.warn(list, what);
    }
    Ok(rule)
}

/// What is written for each demand.
pub(super) fn written(raw: &raw::Rule, demand: Demand) -> Option<&Spanned<String>> {
    match demand {
        Demand::Must => raw.must.as_ref(),
        Demand::May => raw.may.as_ref(),
        Demand::MustNot => raw.must_not.as_ref(),
    }
}

fn asks(raw: &raw::Rule, reading: &Reading<'_>) -> Checked<Vec<Ask>> {
    let asks = Demand::ALL.into_iter().filter_map(|demand| {
        let place = written(raw, demand)?;
        let ports = match (place.get_ref().trim(), demand) {
            (REST, Demand::MustNot) => Ok(Ports::Rest),
            (REST, _) => {
                let what = mistake!(
                    "only must_not has a '{rest}', the ports that no rule lets be open; write them, or 'all', under {demand}",
                    "solo must_not tiene un '{rest}', los puertos que ninguna regla permite abiertos; escríbalos, o 'all', en {demand}",
                    rest = REST,
                    demand = demand.name()
                );
                Err(At::place(place, what))
            }
            _ => ports(place, reading).map(Ports::These),
        };
        Some(ports.map(|ports| Ask {
            demand,
            ports,
            place: reading.place(place),
        }))
    });
    asks.collect()
}

/// Ports as `-p` has them.
pub(super) fn ports(place: &Spanned<String>, reading: &Reading<'_>) -> Checked<PortSet> {
    let set = PortSet::parse(place.get_ref(), &|name| reading.lookup.service(name));
    set.map_err(|error| At::place(place, error))
}

/// One rule does not ask two things of a port.
fn apart(raw: &raw::Rule, rule: &Rule) -> Checked<()> {
    for (first, second) in [
        (Demand::Must, Demand::May),
        (Demand::Must, Demand::MustNot),
        (Demand::May, Demand::MustNot),
    ] {
        let (Some(a), Some(b)) = (rule.named(first), rule.named(second)) else {
            continue;
        };
        let both = common(a, b);
        if let (Some(place), false) = (written(raw, second), both.is_empty()) {
            let what = mistake!(
                "the rule '{name}' asks {first} and {second} of the ports {both}; take them out of one of the two",
                "la regla '{name}' pide {first} y {second} de los puertos {both}; quítelos de uno de los dos",
                name = rule.name,
                first = first.name(),
                second = second.name(),
                both = both
            );
            return Err(At::place(place, what));
        }
    }
    Ok(())
}
