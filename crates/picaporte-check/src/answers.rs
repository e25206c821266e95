//! What a scan says to a policy, as data: who shows it chooses the words.

use jiff::civil::Date;
use picaporte_core::PortSet;
use picaporte_diff::{HostId, Said};

use crate::policy::Demand;
use crate::services::Listening;

/// What a scan says to a demand or a rule. The later one counts for many together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Answer {
    /// It is so.
    Holds,
    /// The scan does not tell.
    CannotTell,
    /// It is not so.
    Violated,
}

impl Answer {
    /// Every answer, the worst last.
    pub const ALL: [Self; 3] = [Self::Holds, Self::CannotTell, Self::Violated];

    /// Its name in every output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::CannotTell => "cannot-tell",
            Self::Violated => "violated",
        }
    }
}

/// A rule, or what holds where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Which {
    /// The rule of this number in [`Policy::rules`](crate::Policy::rules).
    Rule(usize),
    /// [`Policy::otherwise`](crate::Policy::otherwise).
    Otherwise,
}

/// Ports of which the same is asked and the same is said, and who has them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding<'a> {
    /// [`Answer::Violated`] or [`Answer::CannotTell`].
    pub answer: Answer,
    /// What is asked.
    pub demand: Demand,
    /// What the scan says.
    pub said: Said,
    /// Of which ports.
    pub ports: PortSet,
    /// Of which hosts, in order; at least one.
    pub hosts: Vec<&'a HostId>,
}

/// What a rule is about and the scan does not speak of at all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Gap {
    /// Addresses that are not in it.
    Addresses {
        /// How many; saturates at `u128::MAX`.
        count: u128,
        /// The first ranges of them, up to [`Gap::FEW`], as policies have them.
        first: Vec<String>,
        /// Whether there are more.
        more: bool,
    },
    /// Names that it does not know, in order.
    Names(Vec<String>),
    /// It leaves out hosts or ports that it does not name, and nobody can tell what rules would say to them.
    Unnamed,
}

impl Gap {
    /// Up to how many ranges of addresses are told.
    pub const FEW: usize = 12;
}

/// How many ports, once for each rule that speaks of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    by_answer: [u64; Answer::ALL.len()],
    /// Ports that would be violated, or could not be told, without an exception.
    pub excepted: u64,
}

impl Counted {
    /// Ports with this answer.
    pub const fn of(&self, answer: Answer) -> u64 {
        self.by_answer[answer as usize]
    }

    pub(crate) fn add(&mut self, answer: Answer, ports: u32) {
        self.by_answer[answer as usize] += u64::from(ports);
    }
}

/// What the scan says to one rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ruled<'a> {
    /// Which.
    pub which: Which,
    /// What all of it comes to.
    pub answer: Answer,
    /// Hosts of the scan that it is about.
    pub hosts: u64,
    /// Ports of those.
    pub ports: Counted,
    /// What does not hold, the worst first.
    pub findings: Vec<Finding<'a>>,
    /// What listens and is not what is wanted, the worst first.
    pub listening: Vec<Listening<'a>>,
    /// What it can't tell because the scan does not speak of it.
    pub gaps: Vec<Gap>,
}

/// What became of an exception.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Excepted {
    /// Which one of [`Policy::exceptions`](crate::Policy::exceptions).
    pub exception: usize,
    /// Whether it counts no more.
    pub expired: bool,
    /// Ports that are violated, or would be, and that it is about, once for each rule.
    pub violated: u64,
    /// Ports of which the same can't be told.
    pub cannot_tell: u64,
    /// The scan does not speak of all hosts that it is about: what it is needed for there can't be told.
    pub hosts_missing: bool,
}

impl Excepted {
    /// How many ports it is about that do not hold without it; 0 means that it is not needed, unless
    /// [hosts are missing](Self::hosts_missing).
    pub const fn ports(&self) -> u64 {
        self.violated + self.cannot_tell
    }
}

/// Two rules that contradict each other on a host, which only the scan shows: it knows the host by a name of one and by an
/// address, or another name, of the other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contradiction<'a> {
    /// The rule that lets it be open, or demands it.
    pub lets: usize,
    /// The rule that forbids it.
    pub forbids: usize,
    /// The first such host.
    pub host: &'a HostId,
    /// Which ports of it.
    pub ports: PortSet,
}

/// How many rules have each answer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts([u64; Answer::ALL.len()]);

impl Counts {
    /// Rules with this answer.
    pub const fn of(&self, answer: Answer) -> u64 {
        self.0[answer as usize]
    }
}

/// What a scan says to a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answers<'a> {
    /// The day that exceptions were held against.
    pub today: Date,
    /// Every rule in the order of the policy, and what holds otherwise.
    pub rules: Vec<Ruled<'a>>,
    /// Every exception in the order of the policy.
    pub exceptions: Vec<Excepted>,
    /// Rules that contradict each other there.
    pub contradictions: Vec<Contradiction<'a>>,
}

impl Answers<'_> {
    /// What all of it comes to.
    pub fn answer(&self) -> Answer {
        let answers = self.rules.iter().map(|rule| rule.answer);
        answers.max().unwrap_or(Answer::Holds)
    }

    /// How many rules have each answer.
    pub fn counts(&self) -> Counts {
        let mut counts = Counts::default();
        for rule in &self.rules {
            counts.0[rule.answer as usize] += 1;
        }
        counts
    }
}
