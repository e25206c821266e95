//! Keeps a scan while it goes on: what was found, what was decided, and what was spent go to the store together, some times
//! a second, so that whatever kills the program leaves a state from which the scan can be gone on with.

use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::{Result, bail};
use jiff::Timestamp;
use picaporte_core::State;
use picaporte_core::known::Sketches;
use picaporte_engine::{Account, Finding, Standing};
use picaporte_store::{
    Digest, End, Findings, Options, ScanId, Stage, Store, StoreError, Totals, UnixMillis, Writer,
};

use super::store::{self, Place, VARIABLE};
use crate::kept::{self, How};
use crate::report::Header;

/// How often what was found is laid down. With the store's own interval ([`COMMIT`]) no more than a second's work is lost.
const TELL: Duration = Duration::from_millis(200);
/// How often the store commits.
pub(crate) const COMMIT: Duration = Duration::from_millis(750);
/// Progress is one body: it knows nothing of threads.
const WHOLE: u32 = 0;

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
    /// Hosts that were cut off: whoever goes on needs what is known of them.
    cut_off: Sketches,
    failed: bool,
}

impl Keeper {
    /// Keeps what is found from now on; `named` is the store if the flag named it.
    pub(crate) fn new(id: ScanId, writer: Writer, named: Option<&Path>) -> Self {
        let named = named.map_or_else(String::new, |path| format!(" --store '{}'", path.display()));
        Self {
            id,
            resume: format!("picaporte resume {id}{named}"),
            writer,
            findings: Findings::default(),
            whole: true,
            told: Instant::now(),
            cut_off: Sketches::default(),
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
        let meta = kept::meta(header, scope, how, kept::who(how.source))?;
        let writer = store.begin(&meta)?;
        Ok(Self::new(meta.id, writer, named))
    }

    /// The name under which it is kept.
    pub(crate) fn id(&self) -> ScanId {
        self.id
    }

    /// The command that goes on with it.
    pub(crate) fn resume(&self) -> &str {
        &self.resume
    }

    /// Takes note of what was found.
    pub(crate) fn finding(&mut self, finding: &Finding) {
        if self.failed {
            return;
        }
        match finding {
            Finding::Port(verdict) => self.findings.port(verdict),
            Finding::Host(host) if host.is_cut_off() => {
                self.findings.host(host, Stage::CutOff);
                self.cut_off.keep(host);
            }
            Finding::Host(host) => self.findings.host(host, Stage::Done),
            Finding::Decided(ports) => self.findings.decided(ports),
            Finding::Opened { .. } | Finding::End(_) => return,
        }
        self.whole = matches!(finding, Finding::Decided(_));
    }

    /// Whether it is time to lay down what was found; only where findings and journal agree.
    pub(crate) fn is_due(&self) -> bool {
        self.whole && !self.failed && !self.findings.is_empty() && self.told.elapsed() >= TELL
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
        finished: Timestamp,
    ) -> std::result::Result<Digest, Option<StoreError>> {
        if self.failed {
            return Err(None);
        }
        // Every host that is not done was told, and let go by the scan.
        let cut_off = std::mem::take(&mut self.cut_off);
        self.tell(&Standing {
            spent: standing.spent,
            sketches: &cut_off,
        });
        let ended = self.writer.finish(end(account, finished));
        ended.map_err(Some)
    }
}

/// The end of a scan, as it is kept.
fn end(account: &Account, finished: Timestamp) -> End {
    let counts = &account.tally.counts;
    End {
        finished: UnixMillis(finished.as_millisecond()),
        complete: account.stopped.is_none() && account.failed_threads == 0,
        totals: Totals {
            planned: account.tally.planned,
            tested: counts.tested(),
            untested: counts.in_state(State::Untested),
            open: counts.in_state(State::Open),
            closed: counts.in_state(State::Closed),
            filtered: counts.in_state(State::Filtered),
            extra: account.tally.extra,
        },
        record: kept::account::to_json(account),
    }
}

const OPTIONS: fn() -> Options = || Options {
    interval: COMMIT,
    ..Options::default()
};

/// The store of a scan that begins; `None` if it is not to be kept. A store that somebody named must be there; that the user's own
/// can't be opened is a warning, and the scan goes on without.
///
/// # Errors
/// One sentence that says which store, and why it can't be opened.
pub(crate) fn to_begin(flag: Option<&Path>) -> Result<(Option<Store>, Option<String>)> {
    let usual = flag.is_none() && std::env::var_os(VARIABLE).is_none();
    let opened = store::place(flag).and_then(|place| match place {
        Place::Nowhere(_) => Ok(None),
        Place::Named(path) | Place::Usual(path) => Ok(Some(Store::create(&path, OPTIONS())?)),
    });
    match opened {
        Ok(store) => Ok((store, None)),
        Err(why) if usual => Ok((None, Some(format!("the scan is not kept: {why:#}")))),
        Err(why) => Err(why),
    }
}

/// The store that holds a scan to be gone on with.
///
/// # Errors
/// One sentence that says which store, and why it can't be opened.
pub(crate) fn to_go_on(flag: Option<&Path>) -> Result<Store> {
    match store::place(flag)? {
        Place::Named(path) | Place::Usual(path) => Ok(Store::open(&path, OPTIONS())?),
        Place::Nowhere(by) => bail!("{by} none: no scan is kept there to go on with"),
    }
}
