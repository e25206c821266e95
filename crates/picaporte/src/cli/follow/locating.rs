//! When the scan is over, and if that was asked for: where on the way samples of its ports are answered, rejected or swallowed.

use std::sync::Arc;

use picaporte_core::Plan;
use picaporte_core::locate::Answer;
use picaporte_core::verdict::Reason;
use picaporte_engine::{Account, Locating, Network};

use super::Follower;
use crate::cli::message;
use crate::cli::samples::Samples;
use crate::report::Sampled;
use crate::words::errors::Spanish as _;
use crate::words::nouns::PORT;

/// So many ports in a row that answered in the scan, and do not any more, end the locating.
const IN_VAIN: u32 = 4;

/// What is to be located when the scan is over, and how.
pub(crate) struct Sampling {
    pub(crate) samples: Samples,
    pub(crate) plan: Arc<Plan>,
    pub(crate) network: Network,
}

impl Follower<'_> {
    /// Where the samples are answered, rejected or swallowed; nothing once the scan was stopped.
    pub(super) fn locate(&mut self, account: &mut Account) -> Option<Sampled> {
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
}
