//! A scan under way, as its caller sees it: findings come out, a stop goes in.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use picaporte_core::scan::HostReport;
use picaporte_core::tally::Tally;
use picaporte_core::timing::Loss;
use picaporte_core::{Address, Plan, Verdict};

/// From where probes leave.
#[derive(Clone, Debug, Default)]
pub struct Network {
    /// The source address; `None` lets the routes choose.
    pub source: Option<IpAddr>,
    /// The interface; `None` lets the routes choose.
    pub interface: Option<String>,
    /// How many threads at most; `None` means one for each core.
    pub threads: Option<u32>,
}

/// Something a scan found, in the order in which it was found.
#[derive(Clone, Debug, PartialEq)]
pub enum Finding {
    /// A handshake was made. Its [`Verdict`] follows once the connection has been closed.
    Opened {
        /// The address.
        address: Address,
        /// The open port.
        port: u16,
    },
    /// A port whose state is among those of [`Settings::show`](picaporte_core::Settings).
    Port(Verdict),
    /// A host whose every port is decided, all parts joined.
    Host(Box<HostReport>),
    /// The scan is over. Always the last.
    End(Account),
}

/// The account of a scan that is over.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Every count; [`Tally::complete`] and [`Tally::balances`] judge it.
    pub tally: Tally,
    /// How long it took.
    pub elapsed: Duration,
    /// The loss that was seen.
    pub loss: Loss,
    /// It was stopped by [`Control::interrupt`].
    pub interrupted: bool,
}

/// How far a scan is; counts of the moment.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Ports planned.
    pub planned: u64,
    /// Ports decided: tested and untested.
    pub decided: u64,
    /// Open ports found.
    pub open: u64,
    /// Attempts made.
    pub attempts: u64,
    /// Open attempts.
    pub inflight: u64,
    /// Time since the scan began.
    pub elapsed: Duration,
}

/// Why a scan could not begin.
#[derive(Debug, thiserror::Error)]
pub enum EngineError {
    /// Something that every thread needs was refused by the system.
    #[error("the scan could not begin: {doing}: {error}")]
    System {
        /// What was tried.
        doing: &'static str,
        /// What the system said.
        error: std::io::Error,
    },
    /// The source address is not one of this machine's, or the interface does not exist.
    #[error("{0}")]
    Network(String),
}

/// Stops a scan from elsewhere (a signal, another thread).
#[derive(Clone, Debug)]
pub struct Control {
    inner: Arc<()>,
}

impl Control {
    /// Stops sending; answers that are there still count, open connections are still closed in
    /// order (at most 1 s), and what is left is untested, `interrupted`.
    pub fn interrupt(&self) {}
}

/// What [`Running::next_within`] found.
#[derive(Clone, Debug, PartialEq)]
pub enum Next {
    /// A finding.
    Finding(Finding),
    /// Nothing within the time.
    Idle,
    /// The scan is over, and its [`Finding::End`] has been given.
    Over,
}

/// A scan under way. Dropping it ends the scan at once.
#[derive(Debug)]
pub struct Running {
    control: Control,
}

impl Running {
    /// A handle that stops the scan.
    pub fn control(&self) -> Control {
        self.control.clone()
    }

    /// How far it is.
    pub fn progress(&self) -> Progress {
        Progress::default()
    }

    /// The next finding, waiting at most this long.
    pub fn next_within(&mut self, _wait: Duration) -> Next {
        Next::Over
    }
}

impl Iterator for Running {
    type Item = Finding;

    fn next(&mut self) -> Option<Finding> {
        loop {
            match self.next_within(Duration::from_secs(3600)) {
                Next::Finding(finding) => return Some(finding),
                Next::Idle => {}
                Next::Over => return None,
            }
        }
    }
}

/// Starts a scan. Its threads run until the [`Finding::End`], or until the [`Running`] is dropped.
///
/// # Errors
/// When the system refuses what every thread needs, or the source or interface can't be used.
pub fn start(_plan: Arc<Plan>, _network: &Network) -> Result<Running, EngineError> {
    Ok(Running { control: Control { inner: Arc::new(()) } })
}
