//! A policy that was read and checked: nothing in it contradicts itself, as far as that can be known without a scan.

use jiff::civil::Date;
use picaporte_core::PortSet;
use picaporte_core::target::Lookup;
use picaporte_toml::{Wrong, mistake};

use crate::answers::Which;
use crate::hosts::Hosts;
use crate::read;
use crate::services::Want;

/// Where something stands in the policy's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Place {
    /// Counted from 1.
    pub line: usize,
    /// In characters, counted from 1.
    pub column: usize,
}

/// What is asked of a port.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Demand {
    /// It must be open.
    Must,
    /// It may be open.
    May,
    /// It must not be open.
    MustNot,
}

impl Demand {
    /// Every demand, in the order of every output.
    pub const ALL: [Self; 3] = [Self::Must, Self::May, Self::MustNot];

    /// Its name in policies and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Must => "must",
            Self::May => "may",
            Self::MustNot => "must_not",
        }
    }
}

/// What holds for the ports of which no rule speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Otherwise {
    /// They may be open.
    May,
    /// They must not be open.
    MustNot,
}

impl Otherwise {
    /// The same as a demand.
    pub const fn demand(self) -> Demand {
        match self {
            Self::May => Demand::May,
            Self::MustNot => Demand::MustNot,
        }
    }
}

/// What a filtered port is to a [`Demand::MustNot`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Filtered {
    /// Not open, so that the demand holds.
    #[default]
    Holds,
    /// Nobody can tell what stands behind the firewall.
    CannotTell,
}

impl Filtered {
    /// Its name in policies and in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::CannotTell => "cannot_tell",
        }
    }
}

/// The ports of a demand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ports {
    /// These, at least one.
    These(PortSet),
    /// Every port of a host that no rule lets be open there. Only of [`Demand::MustNot`].
    Rest,
}

/// One demand of a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ask {
    /// What is asked.
    pub demand: Demand,
    /// Of which ports.
    pub ports: Ports,
    /// Where it stands.
    pub place: Place,
}

/// A rule: what is asked of which ports of which hosts, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// What it is called; no other rule is called so.
    pub name: String,
    /// Why it is there.
    pub reason: String,
    /// Whom it is about.
    pub hosts: Hosts,
    /// What it asks, each demand once at most, in the order of [`Demand::ALL`]; at least one.
    pub asks: Vec<Ask>,
    /// What must listen on the ports that it lets be open, where they are: each kind of want once at most.
    pub wants: Vec<Want>,
    /// Where it begins.
    pub place: Place,
}

impl Rule {
    /// The ports of this demand that it names one by one.
    pub(crate) fn named(&self, demand: Demand) -> Option<&PortSet> {
        self.asks.iter().find_map(|ask| match &ask.ports {
            Ports::These(ports) if ask.demand == demand => Some(ports),
            _ => None,
        })
    }

    /// Whether it asks that the rest must not be open.
    pub(crate) fn has_rest(&self) -> bool {
        self.asks.iter().any(|ask| ask.ports == Ports::Rest)
    }

    /// Whether it can be violated.
    pub(crate) fn demands(&self) -> bool {
        !self.wants.is_empty() || self.asks.iter().any(|ask| ask.demand != Demand::May)
    }
}

/// What somebody decided not to ask of some ports, until a day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Exception {
    /// What it is called; no other exception is called so.
    pub name: String,
    /// Why it was made.
    pub reason: String,
    /// Who decided it.
    pub by: String,
    /// The last day on which it counts.
    pub until: Date,
    /// Whom it is about.
    pub hosts: Hosts,
    /// Of which ports.
    pub ports: PortSet,
    /// The rule that it is an exception to; `None` is every rule.
    pub of: Option<Which>,
    /// Where it begins.
    pub place: Place,
}

impl Exception {
    /// Whether it counts no more on this day.
    pub fn is_expired(&self, today: Date) -> bool {
        today > self.until
    }
}

/// A policy, read and checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Policy {
    /// What it is about.
    pub title: Option<String>,
    /// Who answers for it.
    pub owner: Option<String>,
    /// What holds for everything of which no rule speaks.
    pub otherwise: Otherwise,
    /// Where that stands.
    pub otherwise_place: Place,
    /// What a filtered port is to a `must_not`.
    pub filtered: Filtered,
    /// The rules, in the order of the file. None goes before another.
    pub rules: Vec<Rule>,
    /// The exceptions, in the order of the file.
    pub exceptions: Vec<Exception>,
    /// What is harmless but hardly meant, in the order of the file, up to [`MOST_WARNINGS`](crate::MOST_WARNINGS).
    pub warnings: Vec<Wrong>,
    /// The zones that are named in it; the first has the scope id 1 in its ranges.
    pub(crate) zones: Vec<String>,
}

impl Policy {
    /// Reads and checks a policy; of `lookup` only the services are asked.
    ///
    /// # Errors
    /// The first thing that can't be read, that can't be meant, or that contradicts another.
    pub fn parse(bytes: &[u8], lookup: &dyn Lookup) -> Result<Self, Wrong> {
        read::parse(bytes, lookup)
    }

    /// Whether a rule asks what listens, so that a scan has to (`--identify`).
    pub fn wants_services(&self) -> bool {
        self.rules.iter().any(|rule| !rule.wants.is_empty())
    }

    /// Exceptions that count no more on this day, each as a warning.
    pub fn expired(&self, today: Date) -> impl Iterator<Item = Wrong> {
        let expired = self.exceptions.iter().filter(move |e| e.is_expired(today));
        expired.map(|exception| Wrong {
            line: exception.place.line,
            column: exception.place.column,
            what: mistake!(
                "the exception '{name}' ended on {until}, and counts no more; have it decided again, or take it out",
                "la excepción '{name}' terminó el {until}, y ya no cuenta; haga que se decida de nuevo, o quítela",
                name = exception.name,
                until = exception.until
            )
            .into(),
        })
    }
}
