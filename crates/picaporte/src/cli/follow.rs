//! Follows a scan to its end: findings to the outputs, counts to the display, and what went wrong
//! to standard error; then the exit code. It decides nothing about ports.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::Result;
use jiff::Timestamp;
use picaporte_core::Plan;
use picaporte_core::locate::Answer;
use picaporte_core::verdict::{Reason, State};
use picaporte_engine::{Account, Finding, Locating, Network, Next, Running};
use picaporte_store::StoreError;

use super::exit::Exit;
use super::keep::Keeper;
use super::message;
use super::output::Outputs;
use super::progress::Display;
use super::samples::Samples;
use super::signals::Watch;
use crate::kept::account::Asked;
use crate::report::{JOINED, Kept, Lang, ReverseCounts, Sampled, Trailer, encode, joined};
use crate::words::errors::{self, Spanish as _};
use crate::words::nouns::{ADDRESS, PORT};

/// So many ports in a row that answered in the scan, and do not any more, end the locating.
const IN_VAIN: u32 = 4;
/// The longest that a finding waits in a buffer.
const FLUSH: Duration = Duration::from_millis(100);
/// How often it is looked, when the scan is over, whether the last names have come.
const LOOK: Duration = Duration::from_millis(10);

/// A scan under way, and everything that is told of it.
pub(crate) struct Follower<'a> {
    running: Running,
    outputs: Arc<Mutex<Outputs>>,
    display: Display,
    watch: &'a Watch,
    quiet: bool,
    lang: Lang,
    flushed: Instant,
    stopping_told: bool,
    failed: bool,
    closed_pipe: bool,
    sampling: Option<Sampling>,
    keeper: Option<Keeper>,
}

/// What is to be located when the scan is over, and how.
pub(crate) struct Sampling {
    pub(crate) samples: Samples,
    pub(crate) plan: Arc<Plan>,
    pub(crate) network: Network,
}

impl<'a> Follower<'a> {
    /// Follows a scan that has begun.
    pub(crate) fn new(
        running: Running,
        outputs: Arc<Mutex<Outputs>>,
        display: Display,
        watch: &'a Watch,
        quiet: bool,
        sampling: Option<Sampling>,
    ) -> Self {
        Self {
            running,
            outputs,
            display,
            watch,
            quiet,
            lang: Lang::En,
            sampling,
            keeper: None,
            flushed: Instant::now(),
            stopping_told: false,
            failed: false,
            closed_pipe: false,
        }
    }

    /// What is told of it is told in this language.
    pub(crate) fn in_language(mut self, lang: Lang) -> Self {
        self.lang = lang;
        self
    }

    /// What it finds is kept too; that it can't be does not end the scan.
    pub(crate) fn keeping(mut self, keeper: Result<Option<Keeper>>) -> Self {
        match keeper {
            Ok(keeper) => self.keeper = keeper,
            Err(failure) => self.not_kept(&errors::whole(&failure, self.lang)),
        }
        self
    }

    /// Until the account is written.
    pub(crate) fn run(mut self) -> Exit {
        self.moment();
        loop {
            if self.outputs().is_full() {
                // The threads of the scan wait in their turn, and memory is bounded.
                thread::sleep(LOOK);
                self.moment();
                continue;
            }
            match self.running.next_within(FLUSH) {
                Next::Finding(Finding::End(account)) => {
                    // What waits to be kept is, before anything else is done.
                    self.keeper.iter_mut().for_each(Keeper::over);
                    self.keep();
                    return self.end(account);
                }
                Next::Finding(finding) => self.found(&finding),
                Next::Idle => self.moment(),
                Next::Over => {
                    message::error(self.lang.either(
                        "the scan ended without an account of what it tested",
                        "el escaneo terminó sin el recuento de lo comprobado",
                    ));
                    return Exit::Error;
                }
            }
            if self.flushed.elapsed() >= FLUSH {
                self.moment();
            }
        }
    }

    fn found(&mut self, finding: &Finding) {
        if let Finding::Opened { address, port } = finding
            && self.display.is_shown()
        {
            let host = if address.ip.is_ipv6() {
                format!("[{address}]")
            } else {
                address.to_string()
            };
            self.display.opened(format!("{host}:{port}"));
        }
        if let (Finding::Host(host), Some(sampling)) = (finding, &mut self.sampling) {
            sampling.samples.add(host);
        }
        // Whoever reads the outputs may not read on; what was found is kept all the same.
        if let Some(keeper) = &mut self.keeper {
            keeper.finding(finding);
            self.keep();
        }
        if let Finding::Port(verdict) = finding {
            let (address, port) = (verdict.address, verdict.port);
            if let Some(greeting) = self.running.greeting(address, port) {
                self.outputs().greeted(address, port, greeting);
            }
        }
        self.outputs().finding(finding);
    }

    /// What was learned beside the scan is kept too.
    fn learn(&mut self) {
        let learned = self.outputs().learned();
        if let Some(keeper) = &mut self.keeper {
            keeper.learned(&learned);
        }
    }

    /// Lays down what was found, when it is time.
    fn keep(&mut self) {
        if let Some(keeper) = self.keeper.as_mut().filter(|keeper| keeper.is_due()) {
            keeper.tell(&self.running.standing());
        }
    }

    /// What is done about ten times a second.
    fn moment(&mut self) {
        if self.stops() {
            self.outputs().stop_asking();
        }
        self.outputs().release();
        self.learn();
        self.flush();
        self.keep();
        if let Some(failure) = self.keeper.as_mut().and_then(Keeper::failure) {
            self.not_kept(&failure.told(self.lang));
            if matches!(failure, StoreError::TakenOver { .. }) {
                // The other process asks what is left; both together would ask twice as fast as was allowed.
                self.running.control().interrupt();
            }
        }
        self.flushed = Instant::now();
        self.display.update(&self.running.progress());
        if self.watch.interrupted() && !self.stopping_told {
            self.stopping_told = true;
            let text = self.lang.either(
                "stopping: no more probes; open connections are being closed (Ctrl-C again: at once)",
                "deteniéndose: no salen más sondas; se cierran las conexiones abiertas (otra vez Ctrl-C: al instante)",
            );
            self.note(text);
        }
    }

    /// Nobody waits for anything any more.
    fn stops(&self) -> bool {
        self.watch.interrupted() || self.closed_pipe
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
            thread::sleep(LOOK);
        }
        self.outputs().stop_asking();
        self.learn();
    }

    fn time_is_over(&self) -> bool {
        let elapsed = self.running.progress().elapsed;
        self.outputs().is_over_at(elapsed)
    }

    fn flush(&mut self) {
        let written = self.display.aside(|| self.outputs().flush());
        for failure in &written.failed {
            self.failed = true;
            self.display
                .aside(|| message::error(failure.text(self.lang)));
        }
        if written.closed_pipe {
            // Whoever read has seen enough: stop in order, so that files get their last line.
            self.closed_pipe = true;
            self.running.control().interrupt();
        }
    }

    /// Where the samples are answered, rejected or swallowed; nothing once the scan was stopped.
    fn locate(&mut self, account: &mut Account) -> Option<Sampled> {
        let sampling = self.sampling.take()?;
        let (wanted, left_out) = (sampling.samples.len() as u64, sampling.samples.left_out());
        let mut sampled = Sampled {
            left_out,
            ..Sampled::default()
        };
        if wanted == 0 {
            return Some(sampled);
        }
        let elapsed = self.running.progress().elapsed;
        let counts = &account.tally.counts;
        let lost = [Reason::PathDown, Reason::LocalRoute].map(|why| counts.of(why));
        let over = sampling
            .plan
            .settings()
            .max_time
            .is_some_and(|limit| limit <= elapsed.into());
        if self.stops() || over || lost != [0, 0] {
            sampled.untested = wanted;
            self.unlocated(wanted, wanted);
            return Some(sampled);
        }
        self.note(&say!(
            self.lang,
            "locating {ports}, one of each kind of a host, up to 5 s each",
            "localizando {ports}, uno de cada clase por equipo, hasta 5 s cada uno",
            ports = self.lang.count(wanted, PORT)
        ));
        let control = self.running.control();
        let Sampling {
            mut samples,
            plan,
            network,
        } = sampling;
        match samples.begin(&plan, &network, control, elapsed) {
            Ok(locating) => {
                self.follow(locating, &samples, account, &mut sampled);
                self.unlocated(sampled.untested, wanted);
            }
            Err(error) => {
                self.failed = true;
                sampled.untested = wanted;
                let error = format!("--locate: {}", error.told(self.lang));
                self.display.aside(|| message::error(&error));
            }
        }
        Some(sampled)
    }

    fn unlocated(&self, ports: u64, wanted: u64) {
        if ports > 0 {
            self.note(&say!(
                self.lang,
                "{ports} of {wanted} could not be located",
                "{ports} de {wanted} sin poder localizarse",
                ports = ports,
                wanted = self.lang.count(wanted, PORT)
            ));
        }
    }

    /// Ports that answered in the scan and do not now tell that the way, or the host, is no longer as it was: when some in a row
    /// do, it is useless to go on.
    fn follow(
        &mut self,
        mut locating: Locating,
        samples: &Samples,
        account: &mut Account,
        sampled: &mut Sampled,
    ) {
        let began = self.running.progress().elapsed;
        let mut in_vain = 0;
        while let Some(mut found) = locating.next() {
            if samples.answered(found.address, found.port) {
                let silent = found.answer == Answer::Silent;
                found.contradicts |= silent;
                in_vain = if silent { in_vain + 1 } else { 0 };
            }
            match found.answer {
                Answer::Untested(_) => sampled.untested += 1,
                _ => sampled.located += 1,
            }
            if in_vain >= IN_VAIN {
                locating.stop(Reason::PathDown);
            }
            self.outputs().located(&found);
            self.flush();
            self.keep();
        }
        account.tally.extra += locating.attempts();
        account.tally.attempts += locating.attempts();
        account.elapsed += self.running.progress().elapsed.saturating_sub(began);
        account.interrupted |= sampled.untested > 0 && self.watch.interrupted();
    }

    fn end(mut self, mut account: Account) -> Exit {
        self.display.finish(&self.running.progress());
        self.settle();
        let identified = self.outputs().ports_identified();
        if let Some(identified) = identified {
            account.tally.extra += identified.connections;
            account.tally.attempts += identified.connections;
            account.elapsed = account.elapsed.max(self.running.progress().elapsed);
        }
        let sampled = self.locate(&mut account);
        let finished = Timestamp::now();
        let keeper = self.keeper.as_ref();
        let resume = keeper.and_then(|keeper| keeper.resume(&account));
        let reverse = self.outputs().names_asked();
        self.unnamed(reverse);
        let trailer = Trailer {
            finished,
            reverse,
            identified,
            kept: self.kept(
                &account,
                Asked {
                    identified,
                    reverse,
                },
                finished,
            ),
            account,
            sampled,
        };
        self.outputs().end(&trailer);
        self.flush();
        let account = trailer.account;
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
            let resume = resume.filter(|_| trailer.kept.is_some());
            self.note(&self.what_is_kept(&account, resume.as_deref()));
            return Exit::Interrupted;
        }
        if !account.tally.complete() {
            self.note(&untested(self.lang, &account));
        } else if !self.outputs().tell_totals() {
            self.note(&say!(
                self.lang,
                "complete: {sums}",
                "completo: {sums}",
                sums = sums(self.lang, &account)
            ));
        }
        match (self.failed, account.tally.complete()) {
            (true, _) => Exit::Error,
            (false, false) => Exit::Untested,
            (false, true) => Exit::Done,
        }
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

    /// What is on standard output and in files goes on.
    fn not_kept(&mut self, failure: &str) {
        self.failed = true;
        self.display.aside(|| message::error(failure));
    }

    fn what_is_kept(&self, account: &Account, resume: Option<&str>) -> String {
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
        let resume = resume.map_or_else(String::new, |resume| {
            say!(
                self.lang,
                "; go on with it by: {resume}",
                "; se continúa con: {resume}",
                resume = joined(&encode::terminal(resume))
            )
        });
        say!(
            self.lang,
            "interrupted: {sums}{found}{resume}",
            "interrumpido: {sums}{found}{resume}",
            sums = sums(self.lang, account),
            found = found,
            resume = resume
        )
    }

    fn note(&self, text: &str) {
        if !self.quiet {
            self.display.aside(|| message::note(self.lang, text));
        }
    }

    fn outputs(&self) -> MutexGuard<'_, Outputs> {
        self.outputs.lock().unwrap_or_else(PoisonError::into_inner)
    }
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
