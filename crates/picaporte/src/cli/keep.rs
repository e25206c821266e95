//! Keeps a scan while it goes on: what was found, what was decided, and what was spent go to the store together, some times
//! a second, so that whatever kills the program leaves a state from which the scan can be gone on with.

use std::net::IpAddr;
use std::num::NonZeroU16;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;
use picaporte_core::{Address, Reason, State};
use picaporte_engine::{Account, Finding, Standing};
use picaporte_store::{
    Digest, End, Findings, ScanId, Stage, Store, StoreError, Totals, UnixMillis, Writer,
};

use super::identifying::Known;
use super::store::{self, Place, VARIABLE};
use crate::kept::account::Asked;
use crate::kept::{self, How};
use crate::report::Header;
use crate::report::encode::Untrusted;
use crate::words::errors;
use crate::words::said::Said;

/// How often what was found is laid down. With the store's own interval ([`store::options`]) no more than a second's work is lost.
const TELL: Duration = Duration::from_millis(200);
/// How often it is said that the scan goes on, while nothing is found.
const BEAT: Duration = Duration::from_secs(2);
/// Progress is one body: it knows nothing of threads.
const WHOLE: u32 = 0;

/// What was learned beside the scan since the last time.
#[derive(Debug, Default)]
pub(crate) struct Learned {
    /// What listens on ports.
    pub(crate) services: Vec<Known>,
    /// What addresses are called.
    pub(crate) names: Vec<(IpAddr, Arc<[Untrusted]>)>,
}

/// A scan that is being kept.
#[derive(Debug)]
pub(crate) struct Keeper {
    id: ScanId,
    /// The command that goes on with it.
    resume: String,
    writer: Writer,
    findings: Findings,
    /// Everything in `findings` stands in the journal, and the other way round.
    whole: bool,
    told: Instant,
    failed: bool,
}

impl Keeper {
    /// Keeps what is found from now on; `named` is the store if the flag named it.
    pub(crate) fn new(id: ScanId, writer: Writer, named: Option<&Path>) -> Self {
        let named = named.map_or_else(String::new, |path| {
            format!(
                " --store '{}'",
                path.display().to_string().replace('\'', "'\\''")
            )
        });
        Self {
            id,
            resume: format!("picaporte resume {id}{named}"),
            writer,
            findings: Findings::default(),
            whole: true,
            told: Instant::now(),
            failed: false,
        }
    }

    /// Begins to keep a scan.
    ///
    /// # Errors
    /// Why it can't be kept.
    pub(crate) fn begin(
        store: &Store,
        header: &Header,
        scope: Option<&str>,
        how: &How,
        named: Option<&Path>,
    ) -> Result<Self> {
        let who = header.from.clone().unwrap_or_default();
        let meta = kept::meta(header, scope, how, who)?;
        let writer = store.begin(&meta)?;
        Ok(Self::new(meta.id, writer, named))
    }

    /// The name under which it is kept.
    pub(crate) fn id(&self) -> ScanId {
        self.id
    }

    /// The command that goes on with it; `None` where there is nothing to go on with.
    pub(crate) fn resume(&self, account: &Account, asked: &Asked) -> Option<String> {
        (!is_complete(account, asked)).then(|| self.resume.clone())
    }

    /// Takes note of what was found.
    pub(crate) fn finding(&mut self, finding: &Finding) {
        if self.failed {
            return;
        }
        match finding {
            Finding::Port(verdict) => self.findings.port(verdict),
            Finding::Host(host) if host.is_cut_off() => self.findings.host(host, Stage::CutOff),
            Finding::Host(host) => self.findings.host(host, Stage::Done),
            Finding::Decided(ports) => self.findings.decided(ports),
            Finding::Opened { .. } | Finding::End(_) => {}
        }
        if !is_outside(finding) {
            self.whole = matches!(finding, Finding::Decided(_) | Finding::End(_));
        }
    }

    /// Takes note of what was learned of ports and addresses; of ports that it was told of.
    pub(crate) fn learned(&mut self, learned: &Learned) {
        if self.failed {
            return;
        }
        for (address, port, service) in &learned.services {
            if let Some(port) = NonZeroU16::new(*port) {
                let bytes = kept::service::to_bytes(service);
                self.findings.service(*address, port, &bytes);
            }
        }
        for (ip, names) in &learned.names {
            let bytes = kept::service::names_to_bytes(names);
            self.findings.names(Address::new(*ip), &bytes);
        }
    }

    /// The scan is over: nothing more is to be decided.
    pub(crate) fn over(&mut self) {
        self.whole = true;
    }

    /// Whether it is time to lay down what was found; only where findings and journal agree.
    pub(crate) fn is_due(&self) -> bool {
        let wait = if self.findings.is_empty() { BEAT } else { TELL };
        self.whole && !self.failed && self.told.elapsed() >= wait
    }

    /// Lays down what was found, with what stands beside it.
    pub(crate) fn tell(&mut self, standing: &Standing<'_>) {
        let progress = kept::progress::to_bytes(&standing.spent, standing.sketches.iter());
        self.findings.progress(WHOLE, &progress);
        self.writer.tell(std::mem::take(&mut self.findings));
        self.told = Instant::now();
    }

    /// What went wrong, once; nothing more is kept then.
    pub(crate) fn failure(&mut self) -> Option<StoreError> {
        let failure = self.writer.failure()?;
        self.failed = true;
        self.findings = Findings::default();
        Some(failure)
    }

    /// Keeps the end; gives the digest that stands for all of it.
    ///
    /// # Errors
    /// What went wrong now, or before and was told already: then `None`.
    pub(crate) fn end(
        mut self,
        standing: &Standing<'_>,
        account: &Account,
        asked: &Asked,
        finished: Timestamp,
    ) -> std::result::Result<Digest, Option<StoreError>> {
        if self.failed {
            return Err(None);
        }
        self.tell(standing);
        let ended = self.writer.finish(end(account, asked, finished));
        ended.map_err(Some)
    }
}

/// Whether a finding is about what lies outside the scope: no journal speaks of it.
fn is_outside(finding: &Finding) -> bool {
    match finding {
        Finding::Port(verdict) => verdict.reason == Reason::OutOfScope,
        Finding::Host(host) => host
            .counts
            .iter()
            .all(|(reason, _)| reason == Reason::OutOfScope),
        _ => false,
    }
}

/// Whether nothing is left that whoever goes on would ask.
fn is_complete(account: &Account, asked: &Asked) -> bool {
    let left = account
        .tally
        .counts
        .iter()
        .any(|(reason, _)| reason.is_resumable());
    let unasked = asked.identified.is_some_and(|counts| counts.pending > 0);
    account.stopped.is_none() && account.failed_threads == 0 && !left && !unasked
}

/// The end of a scan, as it is kept.
fn end(account: &Account, asked: &Asked, finished: Timestamp) -> End {
    let counts = &account.tally.counts;
    End {
        finished: UnixMillis(finished.as_millisecond()),
        complete: is_complete(account, asked),
        totals: Totals {
            planned: account.tally.planned,
            tested: counts.tested(),
            untested: counts.in_state(State::Untested),
            open: counts.in_state(State::Open),
            closed: counts.in_state(State::Closed),
            filtered: counts.in_state(State::Filtered),
            extra: account.tally.extra,
        },
        record: kept::account::to_json(account, asked),
    }
}

/// Whether somebody named the store: then it must be there.
pub(crate) fn is_named(flag: Option<&Path>) -> bool {
    flag.is_some() || std::env::var_os(VARIABLE).is_some()
}

/// The file that a scan is to be kept in, if it is one; whether it can be is found out later.
pub(crate) fn file(flag: Option<&Path>) -> Option<PathBuf> {
    match store::place(flag).ok()? {
        Place::Named(path) | Place::Usual(path) => Some(path),
        Place::Nowhere(_) => None,
    }
}

/// The store of a scan that begins; `None` if it is not to be kept. A store that somebody named must be there; that the user's own
/// can't be opened is a warning, and the scan goes on without.
///
/// # Errors
/// One sentence that says which store, and why it can't be opened.
pub(crate) fn to_begin(flag: Option<&Path>) -> Result<(Option<Store>, Option<Said>)> {
    let usual = !is_named(flag);
    let opened = store::place(flag).and_then(|place| match place {
        Place::Nowhere(_) => Ok(None),
        Place::Named(path) | Place::Usual(path) => {
            Ok(Some(Store::create(&path, store::options())?))
        }
    });
    match opened {
        Ok(store) => Ok((store, None)),
        Err(why) if usual => {
            let says = said!(
                |lang| "the scan is not kept: {why}",
                "el escaneo no se guarda: {why}",
                why = errors::whole(&why, lang)
            );
            Ok((None, Some(says)))
        }
        Err(why) => Err(why),
    }
}
