//! A kept scan told once more, finding by finding, as whoever ran it told it: so that every report can be made of it again.

use picaporte_core::scan::HostReport;
use picaporte_core::{Plan, State, Verdict};
use picaporte_engine::{Account, Finding};
use picaporte_store::{End, Kept, Listed, Stage, Store};

use super::account::Asked;
use super::progress::Beside;
use super::unfinished::Unfinished;
use super::{How, KeptError, Recall, account, meta, moment};
use crate::report::{self, Header, Trailer};

/// Tells what was kept as whoever found it told it: an open port is opened first.
pub(crate) struct Teller<'a> {
    lists_open: bool,
    tell: &'a mut dyn FnMut(&Finding),
}

impl<'a> Teller<'a> {
    /// Of a scan of this plan.
    pub(crate) fn new(plan: &Plan, tell: &'a mut dyn FnMut(&Finding)) -> Self {
        Self {
            lists_open: plan.settings().show.contains(State::Open),
            tell,
        }
    }

    /// A port that was listed.
    pub(crate) fn port(&mut self, verdict: Verdict) {
        if verdict.state() == State::Open && self.lists_open {
            let (address, port) = (verdict.address, verdict.port);
            (self.tell)(&Finding::Opened { address, port });
        }
        (self.tell)(&Finding::Port(verdict));
    }

    /// A host, whose ports were told before, if they were listed.
    pub(crate) fn host(&mut self, host: Box<HostReport>) {
        self.opened(&host);
        (self.tell)(&Finding::Host(host));
    }

    /// Open ports that are not listed were opened all the same.
    pub(crate) fn opened(&mut self, host: &HostReport) {
        if !self.lists_open {
            let address = host.address;
            for port in host.open.iter() {
                (self.tell)(&Finding::Opened { address, port });
            }
        }
    }
}

/// A kept scan that is to be told.
#[derive(Debug)]
pub struct Replay<'a> {
    store: &'a Store,
    listed: Listed,
    header: Header,
    how: How,
    end: Option<End>,
}

impl<'a> Replay<'a> {
    /// Reads what comes first.
    ///
    /// # Errors
    /// When the store can't be read, or what it keeps of the scan is none.
    pub fn begin(store: &'a Store, listed: Listed) -> Result<Self, KeptError> {
        let (header, how) = meta::begun(&store.meta(listed.id)?)?;
        Ok(Self {
            end: store.end(listed.id)?,
            store,
            listed,
            header,
            how,
        })
    }

    /// What reports begin with.
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// What the store says of the scan as a whole.
    pub fn listed(&self) -> &Listed {
        &self.listed
    }

    /// Whether it has ended, be it before all was tested. If not, it is running, or its process was killed.
    pub fn has_ended(&self) -> bool {
        self.end.is_some()
    }

    /// Tells everything that was found, in the order in which it was kept; gives what reports end with. Of a scan that has not
    /// ended, what was kept of its unfinished hosts is told last, the rest of their ports untested, `interrupted`; and the
    /// account counts what was told.
    ///
    /// # Errors
    /// When the store can't be read, or what it keeps of the scan is none. What was told before stays told.
    pub fn tell(&self, tell: &mut dyn FnMut(&Finding)) -> Result<Trailer, KeptError> {
        let mut recall = Recall::begin(self.store, self.listed.id, &self.header, &self.how)?;
        let mut teller = Teller::new(&self.header.plan, tell);
        let mut unfinished = self.end.is_none().then(Unfinished::default);
        for kept in self.store.load(self.listed.id)? {
            match kept? {
                Kept::Port(verdict) => {
                    recall.port(&verdict)?;
                    teller.port(verdict);
                }
                // It is being gone on with: what was decided of it by now says more.
                Kept::Host(_, Stage::CutOff) if unfinished.is_some() => {}
                Kept::Host(host, _) => {
                    if let Some(unfinished) = &mut unfinished {
                        unfinished.add(&host);
                    }
                    let address = host.address;
                    teller.host(host);
                    self.header.identified.forget(address);
                }
            }
        }
        let (finished, (account, asked)) = match (&self.end, unfinished) {
            (Some(end), _) => (end.finished, account::from_json(&end.record)?),
            (None, unfinished) => {
                let mut account = self.account(unfinished.unwrap_or_default(), &mut teller)?;
                let identified = recall.counts();
                let connections = identified.map_or(0, |counts| counts.connections);
                account.tally.extra += connections;
                account.tally.attempts += connections;
                let asked = Asked {
                    identified,
                    reverse: None,
                };
                (self.listed.written, (account, asked))
            }
        };
        Ok(Trailer {
            finished: moment(finished).ok_or(KeptError::Moment(finished.0))?,
            account,
            sampled: None,
            reverse: asked.reverse,
            identified: asked.identified,
            kept: Some(report::Kept {
                id: self.header.id.clone(),
                digest: self.listed.digest.to_string(),
            }),
        })
    }

    /// The account of a scan that has not ended: of what was kept by now.
    fn account(
        &self,
        mut unfinished: Unfinished,
        teller: &mut Teller<'_>,
    ) -> Result<Account, KeptError> {
        let plan = &self.header.plan;
        let state = self.store.resume_state(self.listed.id)?;
        let beside = Beside::of(&state)?;
        for pending in &state.pending {
            if let Some(host) = unfinished.report(plan, pending, &beside) {
                teller.host(Box::new(host));
            }
        }
        let took = self.listed.written.0.saturating_sub(self.listed.started.0);
        let took = std::time::Duration::from_millis(took.try_into().unwrap_or(0));
        Ok(unfinished.account(plan, &beside, took))
    }
}
