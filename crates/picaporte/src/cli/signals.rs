//! Ctrl-C and its kin: the first asks the scan to stop, the second ends the program at once. It
//! knows no scan but the handle that stops it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, OnceLock};
use std::time::Duration;
use std::{fs, io, thread};

use picaporte_engine::Control;
use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM, SIGXFSZ};
use signal_hook::iterator::Signals;

use super::exit::Exit;
use super::message;
use super::output::Outputs;
use crate::report::Lang;

/// How often, and at what distance, the outputs are tried before a hard end.
const TRIES: (u32, Duration) = (20, Duration::from_millis(10));

#[derive(Default)]
struct State {
    running: OnceLock<(Control, Option<Arc<Mutex<Outputs>>>)>,
    interrupted: AtomicBool,
    lang: Lang,
}

/// Watches for signals from its making to the end of the program.
pub(crate) struct Watch {
    state: Arc<State>,
}

impl Watch {
    /// Begins to watch, and tells of an end in this language. Until [`running`](Self::running) a signal ends the program at once.
    ///
    /// # Errors
    /// When the system refuses the handlers or the thread.
    pub(crate) fn begin(lang: Lang) -> io::Result<Self> {
        let mut signals = vec![SIGINT, SIGTERM];
        // `nohup` sets SIGHUP to be ignored, and a program started by it is to go on.
        if !is_ignored(SIGHUP) {
            signals.push(SIGHUP);
        }
        // A file that may not grow (`ulimit -f`) is an error of its write, not the end of the program.
        signal_hook::flag::register(SIGXFSZ, Arc::default())?;
        let mut signals = Signals::new(signals)?;
        let state = Arc::new(State {
            lang,
            ..State::default()
        });
        let seen = state.clone();
        let watch = move || signals.forever().for_each(|_| seen.signal());
        thread::Builder::new()
            .name("signals".to_owned())
            .spawn(watch)?;
        Ok(Self { state })
    }

    /// From now on the first signal stops the scan, and the second flushes what is reported.
    pub(crate) fn running(&self, control: Control, outputs: Arc<Mutex<Outputs>>) {
        // Set once a program; a second scan would keep the first handle.
        let _ = self.state.running.set((control, Some(outputs)));
    }

    /// From now on the first signal stops what is under way. Each port is written whole, so the second has
    /// nothing to flush.
    pub(crate) fn locating(&self, control: Control) {
        let _ = self.state.running.set((control, None));
    }

    /// Whether there was a signal.
    pub(crate) fn interrupted(&self) -> bool {
        self.state.interrupted.load(Ordering::Relaxed)
    }
}

impl State {
    fn signal(&self) {
        let again = self.interrupted.swap(true, Ordering::Relaxed);
        match self.running.get() {
            Some((control, _)) if !again => control.interrupt(),
            Some((_, outputs)) => {
                if let Some(outputs) = outputs {
                    flush(outputs);
                }
                let twice = self.lang.either(
                    "interrupted twice: ended at once; if the scan is kept, picaporte resume goes on with it",
                    "interrumpido dos veces: terminado al instante; si el escaneo está guardado, picaporte resume lo continúa",
                );
                end(self.lang, twice);
            }
            None => {
                let early = self.lang.either(
                    "interrupted before the first probe: nothing was sent",
                    "interrumpido antes de la primera sonda: no se envió nada",
                );
                end(self.lang, early);
            }
        }
    }
}

/// Whoever holds the outputs may be blocked in a write for ever; then nothing can be flushed.
fn flush(outputs: &Mutex<Outputs>) {
    for _ in 0..TRIES.0 {
        if let Ok(mut outputs) = outputs.try_lock() {
            outputs.give_up_waiting();
            outputs.flush();
            return;
        }
        thread::sleep(TRIES.1);
    }
}

#[expect(
    clippy::exit,
    reason = "the second signal ends the program whatever it is doing"
)]
fn end(lang: Lang, why: &str) {
    message::note(lang, why);
    std::process::exit(Exit::Interrupted as i32);
}

/// Whether a signal was set to be ignored before this program began, where the system tells.
fn is_ignored(signal: i32) -> bool {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|hex| u64::from_str_radix(hex.trim(), 16).ok());
    mask.is_some_and(|mask| mask >> (signal - 1) & 1 == 1)
}
