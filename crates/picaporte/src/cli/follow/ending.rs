//! The end of a scan that was followed: what waits is told, the account is written and kept, and the exit code says what it came to.

use std::thread;

use jiff::Timestamp;
use picaporte_core::verdict::State;
use picaporte_engine::Account;

use super::{FLUSH, Follower, LOOK};
use crate::cli::exit::Exit;
use crate::cli::message;
use crate::kept::account::Asked;
use crate::report::{JOINED, Kept, Lang, ReverseCounts, Trailer, encode, joined};
use crate::words::errors::Spanish as _;
use crate::words::nouns::{ADDRESS, OPEN_PORT, PORT};

impl Follower<'_> {
    /// Writes and keeps the account, when everything is told.
    pub(super) fn end(mut self, mut account: Account) -> Exit {
        self.settle();
        let asking = self.outputs().asking();
        self.display.finish(&self.running.progress(), asking);
        let identified = self.outputs().ports_identified();
        if let Some(identified) = identified {
            account.tally.extra += identified.connections;
            account.tally.attempts += identified.connections;
            account.elapsed = account.elapsed.max(self.running.progress().elapsed);
            account.interrupted |= identified.pending > 0 && self.watch.interrupted();
        }
        let sampled = self.locate(&mut account);
        let finished = Timestamp::now();
        let reverse = self.outputs().names_asked();
        self.unnamed(reverse);
        let asked = Asked {
            identified,
            reverse,
        };
        let keeper = self.keeper.as_ref();
        let resume = keeper.and_then(|keeper| keeper.resume(&account, &asked));
        let trailer = Trailer {
            finished,
            reverse,
            identified,
            kept: self.kept(&account, asked, finished),
            account,
            sampled,
        };
        self.outputs().end(&trailer);
        self.flush();
        let resume = resume.filter(|_| trailer.kept.is_some());
        self.exit(&trailer, resume.as_deref())
    }

    /// What the account comes to.
    fn exit(&self, trailer: &Trailer, resume: Option<&str>) -> Exit {
        let account = &trailer.account;
        if account.failed_threads > 0 {
            self.display.aside(|| {
                message::error(self.lang.either(
                    "a thread of the scan died of a fault in this program; what it was to test is untested: please report it",
                    "un hilo del escaneo murió por un fallo de este programa; lo que le tocaba quedó sin comprobar: le rogamos que avise del fallo",
                ));
            });
            return Exit::Error;
        }
        if self.closed_pipe {
            return Exit::Done;
        }
        if account.interrupted {
            self.note(&self.what_is_kept(trailer, resume));
            return Exit::Interrupted;
        }
        if !account.tally.complete() {
            self.note(&untested(self.lang, account));
        } else if !self.outputs().tell_totals() {
            self.note(&say!(
                self.lang,
                "complete: {sums}",
                "completo: {sums}",
                sums = sums(self.lang, account)
            ));
        }
        if let Some(unasked) = trailer.unasked(self.lang) {
            self.note(&format!("{unasked}{}", going_on(self.lang, resume)));
        }
        match (self.failed, account.tally.complete()) {
            (true, _) => Exit::Error,
            (false, false) => Exit::Untested,
            (false, true) => Exit::Done,
        }
    }

    /// Until every finding is told: each waits for its host's name for a short time, and for nothing once the scan is to stop.
    fn settle(&mut self) {
        self.outputs().scan_over();
        let ports = self.outputs().being_identified();
        if ports > 0 {
            self.note(&say!(
                self.lang,
                "identifying what listens on {ports}",
                "identificando qué escucha en {ports}",
                ports = self.lang.count(ports, PORT)
            ));
        }
        while self.outputs().release() && !self.stops() && !self.time_is_over() {
            self.learn();
            self.flush();
            self.keep();
            if self.flushed.elapsed() >= FLUSH {
                self.show();
            }
            thread::sleep(LOOK);
        }
        self.outputs().stop_asking();
        self.learn();
    }

    fn time_is_over(&self) -> bool {
        let elapsed = self.running.progress().elapsed;
        self.outputs().is_over_at(elapsed)
    }

    /// Names that nobody could tell are nothing that is wrong with the scan, but whoever asked for them should know why there are none.
    fn unnamed(&self, counts: Option<ReverseCounts>) {
        let Some(counts) = counts.filter(|c| c.asked > 0 && !c.any_answer()) else {
            return;
        };
        self.note(&say!(
            self.lang,
            "--reverse-dns: no name server told anything of {all} ({failed} failed, {unanswered} not answered in time); no address has a name",
            "--reverse-dns: ningún servidor de nombres dijo nada de {all} ({failed} con error, {unanswered} sin respuesta a tiempo); ninguna dirección tiene nombre",
            all = self.lang.count(counts.asked, ADDRESS),
            failed = self.lang.number(counts.failed),
            unanswered = self.lang.number(counts.unanswered)
        ));
    }

    /// The end is kept too, before it is told: the digest stands in every report.
    fn kept(&mut self, account: &Account, asked: Asked, finished: Timestamp) -> Option<Kept> {
        let keeper = self.keeper.take()?;
        let id = keeper.id();
        match keeper.end(&self.running.standing(), account, &asked, finished) {
            Ok(digest) => Some(Kept {
                id: id.to_string(),
                digest: digest.to_string(),
            }),
            Err(failure) => {
                if let Some(failure) = failure {
                    self.not_kept(&failure.told(self.lang));
                }
                None
            }
        }
    }

    fn what_is_kept(&self, trailer: &Trailer, resume: Option<&str>) -> String {
        let places = self.outputs().places(self.lang);
        let found = if places.is_empty() {
            String::new()
        } else {
            say!(
                self.lang,
                "; what was found is {places}",
                "; lo encontrado está {places}",
                places = self.lang.listed(places)
            )
        };
        let pending = trailer.identified.map_or(0, |counts| counts.pending);
        let unasked = if pending == 0 {
            String::new()
        } else {
            say!(
                self.lang,
                "; {ports} not asked what {are}",
                "; {ports} sin preguntar qué {are}",
                ports = self.lang.count(pending, OPEN_PORT),
                are = self
                    .lang
                    .agree(pending, ["it is", "they are"], ["es", "son"])
            )
        };
        say!(
            self.lang,
            "interrupted: {sums}{unasked}{found}{resume}",
            "interrumpido: {sums}{unasked}{found}{resume}",
            sums = sums(self.lang, &trailer.account),
            unasked = unasked,
            found = found,
            resume = going_on(self.lang, resume)
        )
    }
}

/// The command that goes on with the scan, to stand behind what is left.
fn going_on(lang: Lang, resume: Option<&str>) -> String {
    resume.map_or_else(String::new, |resume| {
        say!(
            lang,
            "; go on with it by: {resume}",
            "; se continúa con: {resume}",
            resume = joined(&encode::terminal(resume))
        )
    })
}

fn untested(lang: Lang, account: &Account) -> String {
    let counts = &account.tally.counts;
    let reasons = counts.of_state(State::Untested);
    let reasons: Vec<String> = reasons
        .map(|(r, n)| format!("{}{JOINED}{}", lang.number(n), r.name()))
        .collect();
    say!(
        lang,
        "incomplete: {sums} ({reasons})",
        "incompleto: {sums} ({reasons})",
        sums = sums(lang, account),
        reasons = reasons.join(", ")
    )
}

/// The account in one line; formats that have no place for totals rely on it.
fn sums(lang: Lang, account: &Account) -> String {
    let counts = &account.tally.counts;
    say!(
        lang,
        "{planned} planned = {tested} tested + {untested} untested",
        "{planned} previstas = {tested} comprobadas + {untested} sin comprobar",
        planned = lang.number(account.tally.planned),
        tested = lang.number(counts.tested()),
        untested = lang.number(counts.in_state(State::Untested))
    )
}
