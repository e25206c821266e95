//! A kept scan told once more, finding by finding, as whoever ran it told it: so that every report can be made of it again.

use picaporte_core::State;
use picaporte_core::scan::HostReport;
use picaporte_engine::{Account, Finding};
use picaporte_store::{End, Kept, Listed, Stage, Store};

use super::unfinished::Unfinished;
use super::{KeptError, account, meta, moment};
use crate::report::{self, Header, Trailer};

/// A kept scan that is to be told.
#[derive(Debug)]
pub struct Replay<'a> {
    store: &'a Store,
    listed: Listed,
    header: Header,
    end: Option<End>,
    lists_open: bool,
}

impl<'a> Replay<'a> {
    /// Reads what comes first.
    ///
    /// # Errors
    /// When the store can't be read, or what it keeps of the scan is none.
    pub fn begin(store: &'a Store, listed: Listed) -> Result<Self, KeptError> {
        let header = meta::header(&store.meta(listed.id)?)?;
        Ok(Self {
            lists_open: header.plan.settings().show.contains(State::Open),
            end: store.end(listed.id)?,
            store,
            listed,
            header,
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
        let mut unfinished = self.end.is_none().then(Unfinished::default);
        for kept in self.store.load(self.listed.id)? {
            match kept? {
                Kept::Port(verdict) => {
                    if verdict.state() == State::Open && self.lists_open {
                        let (address, port) = (verdict.address, verdict.port);
                        tell(&Finding::Opened { address, port });
                    }
                    tell(&Finding::Port(verdict));
                }
                // It is being gone on with: what was decided of it by now says more.
                Kept::Host(_, Stage::CutOff) if unfinished.is_some() => {}
                Kept::Host(host, _) => {
                    if let Some(unfinished) = &mut unfinished {
                        unfinished.add(&host);
                    }
                    self.tell_host(host, tell);
                }
            }
        }
        let (finished, account) = match (&self.end, unfinished) {
            (Some(end), _) => (end.finished, account::from_json(&end.record)?),
            (None, unfinished) => {
                let account = self.account(unfinished.unwrap_or_default(), tell)?;
                (self.listed.written, account)
            }
        };
        Ok(Trailer {
            finished: moment(finished).ok_or(KeptError::Moment(finished.0))?,
            account,
            sampled: None,
            kept: Some(report::Kept {
                id: self.header.id.clone(),
                digest: self.listed.digest.to_string(),
            }),
        })
    }

    /// Open ports that are not listed were opened all the same.
    fn tell_host(&self, host: Box<HostReport>, tell: &mut dyn FnMut(&Finding)) {
        if !self.lists_open {
            let address = host.address;
            for port in host.open.iter() {
                tell(&Finding::Opened { address, port });
            }
        }
        tell(&Finding::Host(host));
    }

    /// The account of a scan that has not ended: of what was kept by now.
    fn account(
        &self,
        mut unfinished: Unfinished,
        tell: &mut dyn FnMut(&Finding),
    ) -> Result<Account, KeptError> {
        let plan = &self.header.plan;
        for pending in &self.store.resume_state(self.listed.id)?.pending {
            if let Some(host) = unfinished.report(plan, pending) {
                self.tell_host(Box::new(host), tell);
            }
        }
        let took = self.listed.written.0.saturating_sub(self.listed.started.0);
        let took = std::time::Duration::from_millis(took.try_into().unwrap_or(0));
        Ok(unfinished.account(plan, took))
    }
}
