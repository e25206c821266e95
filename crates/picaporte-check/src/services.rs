//! What must listen on the ports of a rule, where they are open. The rule for each want stands in [`judge_service`].

use std::sync::Arc;

use jiff::civil::Date;
use picaporte_core::PortSet;
use picaporte_diff::{HostId, Service, Spoken, Term, Tls};

use crate::answers::Answer;
use crate::policy::Place;
use crate::version::Compare;

/// Something that is asked of whatever listens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wanted {
    /// It speaks this protocol.
    Service(String),
    /// It is this product; capitals count as small letters.
    Product(String),
    /// Where it is this product, its version stands so to this one.
    Version(String, Compare, String),
    /// It speaks TLS, and accepts no version before this one of [`Spoken::VERSIONS`].
    Tls(usize),
    /// It shows a certificate whose time has come and is not over for at least so many days; 0 is any time at all.
    Certificate(u32),
}

/// The same with its place in the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Want {
    /// What is asked.
    pub wanted: Wanted,
    /// Where it stands.
    pub place: Place,
}

/// What a scan says to a want that does not hold.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Seen {
    /// It does not tell.
    Untold,
    /// This name, product, version of it, or version of TLS; it comes from the network.
    Is(Arc<str>),
    /// It speaks no TLS.
    Plain,
    /// The certificate's time is over, since this day in UTC, if that is told.
    Expired(Option<Date>),
    /// The certificate's time begins on this day in UTC, if that is told, and has not come.
    NotYet(Option<Date>),
    /// The certificate is in its time for so many whole days more, rounded down.
    Left(u32),
}

/// Ports of which the same is wanted and seen, and who has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listening<'a> {
    /// [`Answer::Violated`] or [`Answer::CannotTell`].
    pub answer: Answer,
    /// The one of [`Rule::wants`](crate::Rule::wants) that does not hold.
    pub want: &'a Want,
    /// What the scan says.
    pub seen: Seen,
    /// Of which ports.
    pub ports: PortSet,
    /// Of which hosts, in order; at least one.
    pub hosts: Vec<&'a HostId>,
}

/// What is known of what listens on an open port says to a want; `None` for a port that was not asked.
pub fn judge_service(wanted: &Wanted, service: Option<&Service>) -> (Answer, Seen) {
    let Some(service) = service else {
        return UNTOLD;
    };
    match wanted {
        Wanted::Service(name) if service.is_only_tls() && !is_named(service, name) => UNTOLD,
        Wanted::Product(_) | Wanted::Version(..) if service.is_only_tls() => UNTOLD,
        Wanted::Service(name) => equal(service.name.as_ref(), name),
        Wanted::Product(name) => equal(service.product.as_ref(), name),
        Wanted::Version(product, compare, to) => match (&service.product, &service.version) {
            // That it is another product is told by itself.
            (Some(other), _) if !product.eq_ignore_ascii_case(other) => HOLDS,
            (Some(_), Some(version)) if compare.holds(version, to) => HOLDS,
            (Some(_), Some(version)) => (Answer::Violated, Seen::Is(version.clone())),
            _ => UNTOLD,
        },
        Wanted::Tls(least) => spoken(service, |tls| no_older(tls, *least)),
        Wanted::Certificate(least) => spoken(service, |tls| {
            let term = tls.certificate.as_ref().and_then(|own| own.term);
            term.map_or(UNTOLD, |term| lasts(term, *least))
        }),
    }
}

const HOLDS: (Answer, Seen) = (Answer::Holds, Seen::Untold);
const UNTOLD: (Answer, Seen) = (Answer::CannotTell, Seen::Untold);

fn is_named(service: &Service, name: &str) -> bool {
    let told = service.name.as_deref();
    told.is_some_and(|told| told.eq_ignore_ascii_case(name))
}

fn equal(told: Option<&Arc<str>>, wanted: &str) -> (Answer, Seen) {
    match told {
        None => UNTOLD,
        Some(told) if wanted.eq_ignore_ascii_case(told) => HOLDS,
        Some(told) => (Answer::Violated, Seen::Is(told.clone())),
    }
}

fn spoken(service: &Service, judge: impl Fn(&Spoken) -> (Answer, Seen)) -> (Answer, Seen) {
    match &service.tls {
        Tls::Spoken(tls) => judge(tls),
        // What was not recognized may speak it all the same.
        Tls::Plain if service.name.is_some() => (Answer::Violated, Seen::Plain),
        Tls::Plain | Tls::Untold => UNTOLD,
    }
}

/// Whether a certificate is good for so many days.
fn lasts(term: Term, least: u32) -> (Answer, Seen) {
    match term {
        Term::Expired(day) => (Answer::Violated, Seen::Expired(day)),
        Term::NotYet(day) => (Answer::Violated, Seen::NotYet(day)),
        Term::Within(_) if least == 0 => HOLDS,
        Term::Within(Some(days)) if days >= least => HOLDS,
        Term::Within(Some(days)) => (Answer::Violated, Seen::Left(days)),
        Term::Within(None) => UNTOLD,
    }
}

fn no_older(tls: &Spoken, least: usize) -> (Answer, Seen) {
    let mut older = 0..least;
    if let Some(accepted) = older.clone().find(|&version| tls.accepted[version]) {
        let name = Spoken::VERSIONS[accepted];
        return (Answer::Violated, Seen::Is(name.into()));
    }
    if older.all(|version| tls.refused[version]) {
        HOLDS
    } else {
        UNTOLD
    }
}
