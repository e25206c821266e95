//! What ports do: whether a rule says all that it has to, nothing that it can't mean, and is ever reached.

use std::ops::Range;

use picaporte_core::PortSet;
use toml::Spanned;

use super::check_path::check_hop;
use super::raw::{self, Kind};
use super::wrong::{Checked, Wrong, copied, or_default, refuse_if};
use super::{Act, At, Icmp, MOST_RULES, Rule, Service, Share};

/// What a service may say: no more than fits into anybody's receive window.
const MOST_SAID: usize = 16_384;

/// The rules of one group, in their order.
pub(super) fn check_rules(rules: &[Spanned<raw::Rule>], hops: u8) -> Checked<Vec<Rule>> {
    if let Some(rule) = rules.get(MOST_RULES) {
        return Err(Wrong::at(
            rule,
            format!("more than {MOST_RULES} rules for one group of hosts"),
        ));
    }
    let mut taken = PortSet::default();
    let mut checked = Vec::with_capacity(rules.len());
    for rule in rules {
        let ports = &rule.get_ref().ports;
        if ports.get_ref().0.iter().all(|port| taken.contains(port)) {
            return Err(Wrong::at(
                ports,
                "every one of these ports is spoken for by a rule above; move this one up, or leave it out",
            ));
        }
        let rule = check_rule(rule, hops)?;
        if rule.share == Share::ALL {
            taken = taken.union(&rule.ports);
        }
        checked.push(rule);
    }
    Ok(checked)
}

/// What the ports do that no rule names; closed where nothing is written.
pub(super) fn check_otherwise(
    otherwise: Option<&Spanned<raw::Behaviour>>,
    hops: u8,
) -> Checked<Act> {
    let Some(otherwise) = otherwise else {
        return Ok(Act::Closed);
    };
    let it = otherwise.get_ref();
    let words = Words {
        kind: it.is,
        at: it.at.as_ref(),
        icmp: it.icmp.as_ref(),
        whole: otherwise.span(),
    };
    words.act(hops, Service::default())
}

fn check_rule(rule: &Spanned<raw::Rule>, hops: u8) -> Checked<Rule> {
    let it = rule.get_ref();
    check_manners(it)?;
    let words = Words {
        kind: it.is,
        at: it.at.as_ref(),
        icmp: it.icmp.as_ref(),
        whole: rule.span(),
    };
    Ok(Rule {
        ports: it.ports.get_ref().0.clone(),
        share: copied(it.share.as_ref()).unwrap_or(Share::ALL),
        act: words.act(hops, service(it))?,
    })
}

/// Only who listens can speak, and not in two ways at once.
fn check_manners(rule: &raw::Rule) -> Checked<()> {
    let spans = [
        rule.says.as_ref().map(Spanned::span),
        rule.echoes.as_ref().map(Spanned::span),
        rule.answers.as_ref().map(Spanned::span),
        rule.after.as_ref().map(Spanned::span),
    ];
    if let (true, Some(span)) = (rule.is != Kind::Open, spans.into_iter().flatten().next()) {
        return Err(Wrong {
            what:
                "only an open port says, echoes, answers or is slow to accept; write is = \"open\""
                    .to_owned(),
            span,
        });
    }
    refuse_if(
        rule.answers.as_ref(),
        |_| or_default(rule.echoes.as_ref()),
        "a service either echoes what it gets or answers it; leave one out",
    )?;
    let too_long = format!("longer than {MOST_SAID} bytes, the most that a service says");
    refuse_if(rule.says.as_ref(), |it| it.len() > MOST_SAID, &too_long)?;
    refuse_if(rule.answers.as_ref(), |it| it.len() > MOST_SAID, &too_long)
}

fn service(rule: &raw::Rule) -> Service {
    Service {
        says: or_default(rule.says.as_ref()).into_bytes(),
        echoes: or_default(rule.echoes.as_ref()),
        answers: copied(rule.answers.as_ref()).map(String::into_bytes),
        after: or_default(rule.after.as_ref()),
        spoofed: false,
    }
}

/// What a rule and `otherwise` have in common.
struct Words<'a> {
    kind: Kind,
    at: Option<&'a Spanned<u8>>,
    icmp: Option<&'a Spanned<Icmp>>,
    whole: Range<usize>,
}

impl Words<'_> {
    fn act(self, hops: u8, service: Service) -> Checked<Act> {
        if let Some(icmp) = self.icmp.filter(|_| self.kind != Kind::Rejected) {
            return Err(Wrong::at(
                icmp,
                "only a rejected port has an ICMP error; write is = \"rejected\"",
            ));
        }
        let missing = |what: &str| Wrong {
            what: what.to_owned(),
            span: self.whole.clone(),
        };
        match (self.kind, self.at) {
            (Kind::Open | Kind::Closed, Some(at)) => Err(Wrong::at(
                at,
                "open and closed ports are at the host; 'at' is for dropped, rejected and reset",
            )),
            (Kind::Open, None) => Ok(Act::Open(service)),
            (Kind::Closed, None) => Ok(Act::Closed),
            (Kind::Dropped, at) => Ok(Act::Dropped(place(at, hops)?)),
            (Kind::Reset, None) => Err(missing(
                "a forged RST needs the hop that forges it; write at = 1",
            )),
            (Kind::Reset, at) => Ok(Act::Reset(place(at, hops)?)),
            (Kind::Rejected, at) => {
                let icmp = self.icmp.ok_or_else(|| {
                    missing("a rejected port needs its ICMP error; write icmp = \"admin-prohibited\" or icmp = \"3/13\"")
                })?;
                Ok(Act::Rejected(*icmp.get_ref(), place(at, hops)?))
            }
        }
    }
}

fn place(at: Option<&Spanned<u8>>, hops: u8) -> Checked<At> {
    at.map_or(Ok(At::Host), |hop| check_hop(hop, hops).map(At::Hop))
}
