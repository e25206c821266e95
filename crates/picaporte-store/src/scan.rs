//! What is kept of a scan as a whole: who scanned what, when, from where, with which result.

use std::fmt;
use std::net::IpAddr;
use std::time::SystemTime;

use picaporte_core::tally::Counts;
use picaporte_core::target::AddressRange;
use ulid::Ulid;

use crate::address::Key;
use crate::digest::Digest;
use crate::wire::{Bad, Put, Take};

/// The name of a scan: a ULID, 26 characters, the first ten of which are its moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanId(Ulid);

impl ScanId {
    /// Reads one as it is printed; `None` if it is not a ULID.
    pub fn parse(text: &str) -> Option<Self> {
        Ulid::from_string(text).ok().map(Self)
    }
}

impl From<Ulid> for ScanId {
    fn from(id: Ulid) -> Self {
        Self(id)
    }
}

impl fmt::Display for ScanId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A moment, in milliseconds since 1970-01-01T00:00:00Z.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UnixMillis(pub i64);

impl UnixMillis {
    /// This moment, by the system's calendar.
    pub(crate) fn now() -> Self {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
        Self(since.map_or(0, |since| since.as_millis().try_into().unwrap_or(i64::MAX)))
    }
}

/// Who scanned, from which machine.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Who {
    /// The user's name.
    pub user: String,
    /// The user's number, where the system has such.
    pub uid: Option<u32>,
    /// The machine's name.
    pub machine: String,
    /// The address from which probes left, where it was set or is known.
    pub source: Option<IpAddr>,
}

/// Everything that is known of a scan before its first probe.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ScanMeta {
    /// Its name.
    pub id: ScanId,
    /// The version of the program.
    pub version: String,
    /// When it began.
    pub started: UnixMillis,
    /// Who scanned.
    pub who: Who,
    /// The arguments of the program, without its name.
    pub arguments: Vec<String>,
    /// The seed of its order.
    pub seed: u64,
    /// The ports planned, at most 2⁵³ ([`MAX_PROBES`](picaporte_core::plan::MAX_PROBES)).
    pub planned: u64,
    /// Whatever the caller needs to make the same plan again, with the same addresses. The store does not look into it.
    pub plan: Vec<u8>,
    /// The scope's text, if there is one.
    pub scope: Option<String>,
    /// The names of the zones of link-local addresses: their numbers change when the machine starts anew.
    pub zones: Vec<(u32, String)>,
    /// The addresses planned, for [`Filter::host`](crate::Filter::host). They may overlap; they come back in order, joined
    /// where they touch.
    pub targets: Vec<AddressRange>,
}

/// What binds a scan to what it was asked: SHA-256 over arguments, seed, plan and scope. A scan that is gone on with under
/// another binding is another scan.
pub fn binding(arguments: &[String], seed: u64, plan: &[u8], scope: Option<&str>) -> Digest {
    let mut bytes = b"picaporte binding 1\0".to_vec();
    put_binding(arguments, seed, plan, scope, &mut bytes);
    Digest::of(&bytes)
}

fn put_binding(
    arguments: &[String],
    seed: u64,
    plan: &[u8],
    scope: Option<&str>,
    out: &mut Vec<u8>,
) {
    out.varint(arguments.len() as u64);
    for argument in arguments {
        out.bytes(argument.as_bytes());
    }
    out.extend(seed.to_be_bytes());
    out.bytes(plan);
    put_option(scope, out);
}

fn put_option(text: Option<&str>, out: &mut Vec<u8>) {
    out.push(text.is_some().into());
    out.bytes(text.unwrap_or_default().as_bytes());
}

impl ScanMeta {
    /// [What binds it](binding) to what it was asked.
    pub fn binding(&self) -> Digest {
        binding(
            &self.arguments,
            self.seed,
            &self.plan,
            self.scope.as_deref(),
        )
    }

    /// The digest before that of the first chunk: over everything here, with the targets as they are kept.
    pub(crate) fn genesis(&self, targets: &[AddressRange]) -> Digest {
        let mut out = b"picaporte scan 1\0".to_vec();
        out.bytes(self.id.to_string().as_bytes());
        out.bytes(self.version.as_bytes());
        out.extend(self.started.0.to_be_bytes());
        out.bytes(self.who.user.as_bytes());
        put_option(self.who.uid.map(|uid| uid.to_string()).as_deref(), &mut out);
        out.bytes(self.who.machine.as_bytes());
        let source = self.who.source.map(|source| source.to_string());
        put_option(source.as_deref(), &mut out);
        let scope = self.scope.as_deref();
        put_binding(&self.arguments, self.seed, &self.plan, scope, &mut out);
        out.varint(self.planned);
        out.varint(self.zones.len() as u64);
        for (number, name) in &self.zones {
            out.varint((*number).into());
            out.bytes(name.as_bytes());
        }
        for range in targets {
            let (first, last) = Key::ends(range);
            out.bytes(first.as_bytes());
            out.bytes(last.as_bytes());
        }
        Digest::of(&out)
    }
}

/// How far a scan came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum State {
    /// It was begun or gone on with, and nobody has said since that it ended: it runs, or its process was killed.
    Running,
    /// It was stopped, and can be gone on with.
    Interrupted,
    /// It came to its end: there is nothing to go on with.
    Complete,
}

impl State {
    pub(crate) const fn code(self) -> i64 {
        match self {
            Self::Running => 0,
            Self::Interrupted => 1,
            Self::Complete => 2,
        }
    }

    pub(crate) fn read(code: i64) -> Option<Self> {
        [Self::Running, Self::Interrupted, Self::Complete]
            .into_iter()
            .find(|state| state.code() == code)
    }
}

/// How far a host came.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// Every port of it is decided: whoever goes on with the scan asks none of them.
    Done,
    /// The scan was stopped before; the rest is asked when it is gone on with, and a later report takes this one's place.
    CutOff,
}

/// The sums of a scan, or of what is known of it so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// Ports planned.
    pub planned: u64,
    /// Ports that are open, closed or filtered.
    pub tested: u64,
    /// Ports that could not be tested, or were not.
    pub untested: u64,
    /// Open ports.
    pub open: u64,
    /// Closed ports.
    pub closed: u64,
    /// Filtered ports.
    pub filtered: u64,
    /// Probes outside the plan.
    pub extra: u64,
}

impl Totals {
    pub(crate) fn put(&self, out: &mut Vec<u8>) {
        [self.planned, self.tested, self.untested, self.open]
            .into_iter()
            .chain([self.closed, self.filtered, self.extra])
            .for_each(|sum| out.varint(sum));
    }

    pub(crate) fn take(take: &mut Take<'_>) -> Result<Self, Bad> {
        Ok(Self {
            planned: take.varint()?,
            tested: take.varint()?,
            untested: take.varint()?,
            open: take.varint()?,
            closed: take.varint()?,
            filtered: take.varint()?,
            extra: take.varint()?,
        })
    }

    /// The sums of ports that are counted by reason.
    pub(crate) fn of(counts: &Counts) -> Self {
        Self {
            tested: counts.tested(),
            untested: counts.in_state(picaporte_core::State::Untested),
            open: counts.in_state(picaporte_core::State::Open),
            closed: counts.in_state(picaporte_core::State::Closed),
            filtered: counts.in_state(picaporte_core::State::Filtered),
            ..Self::default()
        }
    }
}

/// The end of a scan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct End {
    /// When.
    pub finished: UnixMillis,
    /// Nothing is left to go on with; otherwise it was interrupted.
    pub complete: bool,
    /// Its sums.
    pub totals: Totals,
    /// Its last record as JSON, whatever it holds beside; the store does not look into it.
    pub record: String,
}

impl End {
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        let mut out = vec![self.complete.into()];
        out.extend(self.finished.0.to_be_bytes());
        self.totals.put(&mut out);
        out.bytes(self.record.as_bytes());
        out
    }

    pub(crate) fn read(bytes: &[u8]) -> Result<Self, Bad> {
        let mut take = Take(bytes);
        Ok(Self {
            complete: take.u8()? != 0,
            finished: UnixMillis(i64::from_be_bytes(take.array()?)),
            totals: Totals::take(&mut take)?,
            record: take.text()?.to_owned(),
        })
    }

    pub(crate) const fn state(&self) -> State {
        if self.complete {
            State::Complete
        } else {
            State::Interrupted
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn arguments_that_join_alike_bind_differently() {
        let bound = |args: &[&str], plan: &[u8], scope| {
            let args: Vec<String> = args.iter().map(|&arg| arg.to_owned()).collect();
            binding(&args, 7, plan, scope)
        };
        let one = bound(&["a", "b"], b"plan", None);
        assert_eq!(one, bound(&["a", "b"], b"plan", None));
        for other in [
            bound(&["ab"], b"plan", None),
            bound(&["a"], b"plan", None),
            bound(&["a", "b"], b"plan", Some("")),
            bound(&["a", "b"], b"plans", None),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn an_id_is_a_ulid() {
        let id = ScanId::parse("01arz3ndektsv4rrffq69g5fav").unwrap();
        assert_eq!(id.to_string(), "01ARZ3NDEKTSV4RRFFQ69G5FAV");
        assert_eq!(ScanId::parse("01ARZ3NDEKTSV4RRFFQ69G5FA"), None);
    }

    proptest! {
        #[test]
        fn an_end_comes_back(finished: i64, complete: bool, sums: [u64; 7], record: String) {
            let [planned, tested, untested, open, closed, filtered, extra] = sums;
            let totals = Totals { planned, tested, untested, open, closed, filtered, extra };
            let end = End { finished: UnixMillis(finished), complete, totals, record };
            prop_assert_eq!(End::read(&end.to_bytes()), Ok(end));
        }
    }
}
