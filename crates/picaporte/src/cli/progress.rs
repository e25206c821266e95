//! How far a scan is, on standard error: a line that moves in a terminal, plain lines in a pipe, or
//! JSON for programs. It knows counts and times, and no findings but the last open port.

use std::cell::Cell;
use std::io::{IsTerminal as _, Write as _};
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use picaporte_engine::Progress;
use serde::Serialize;

use super::args::ProgressKind;
use super::meter::Meter;
use super::text::clock;
use crate::report::Lang;
use crate::report::{columns, drawn};
use crate::words::nouns::{OPEN_PORT, PORT};

/// How often a program is told.
const JSON_EVERY: Duration = Duration::from_secs(1);
/// How often a line is written where lines stay.
const LINE_EVERY: Duration = Duration::from_secs(10);

enum Kind {
    Hidden,
    Bar(ProgressBar),
    Lines(Due),
    Json(Due),
}

/// Open ports that are asked what they are (`--identify`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Asking {
    /// How many are being asked.
    pub(crate) waiting: u64,
    /// How many are identified by now.
    pub(crate) identified: u64,
    /// All that are there so far: those, and any other.
    pub(crate) all: u64,
}

/// Shows how far a scan is.
pub(crate) struct Display {
    kind: Kind,
    meter: Meter,
    last_open: Option<String>,
    lang: Lang,
}

impl Display {
    /// A display of the kind that was asked for. `quiet` goes before `auto`.
    pub(crate) fn new(kind: ProgressKind, quiet: bool, lang: Lang) -> Self {
        let terminal = std::io::stderr().is_terminal();
        let kind = match kind {
            ProgressKind::Json => Kind::Json(Due::default()),
            ProgressKind::Auto | ProgressKind::Bar if terminal && !quiet => Kind::Bar(bar()),
            ProgressKind::Bar => Kind::Lines(Due::default()),
            ProgressKind::Auto | ProgressKind::None => Kind::Hidden,
        };
        Self {
            kind,
            meter: Meter::default(),
            last_open: None,
            lang,
        }
    }

    /// Whether [`update`](Self::update) shows anything.
    pub(crate) fn is_shown(&self) -> bool {
        !matches!(self.kind, Kind::Hidden)
    }

    /// Takes note of an open port.
    pub(crate) fn opened(&mut self, at: String) {
        self.last_open = Some(at);
    }

    /// Shows the moment, where it is time to.
    pub(crate) fn update(&mut self, now: &Progress, asking: Option<Asking>) {
        self.meter.sample(now);
        match &self.kind {
            Kind::Bar(bar) => {
                let last = self.last_open.as_deref();
                bar.set_message(line(self.lang, (now, asking), &self.meter, last));
            }
            Kind::Lines(due) if due.come(LINE_EVERY) => {
                tell(&line(self.lang, (now, asking), &self.meter, None));
            }
            Kind::Json(due) if due.come(JSON_EVERY) => tell(&json((now, asking), &self.meter)),
            Kind::Hidden | Kind::Lines(_) | Kind::Json(_) => {}
        }
    }

    /// Shows the end: the line that moves goes, a program is told once more.
    pub(crate) fn finish(&mut self, now: &Progress, asking: Option<Asking>) {
        self.meter.sample(now);
        match &self.kind {
            Kind::Hidden | Kind::Lines(_) => {}
            Kind::Bar(bar) => bar.finish_and_clear(),
            Kind::Json(_) => tell(&json((now, asking), &self.meter)),
        }
    }

    /// Does what writes to the terminal, with the line that moves out of the way.
    pub(crate) fn aside<R>(&self, act: impl FnOnce() -> R) -> R {
        match &self.kind {
            Kind::Bar(bar) => bar.suspend(act),
            _ => act(),
        }
    }
}

fn bar() -> ProgressBar {
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr_with_hz(10));
    // `wide_msg` cuts what does not fit into the terminal; the template is a constant.
    bar.with_style(
        ProgressStyle::with_template("{wide_msg}").unwrap_or_else(|_| ProgressStyle::default_bar()),
    )
}

/// When something was last told; a cell, so that a match guard may ask.
#[derive(Default)]
struct Due(Cell<Option<Instant>>);

impl Due {
    fn come(&self, every: Duration) -> bool {
        let due = self.0.get().is_none_or(|last| last.elapsed() >= every);
        if due {
            self.0.set(Some(Instant::now()));
        }
        due
    }
}

/// Columns of the line on progress: one less than the narrowest terminal that is usual has.
const LINE: usize = 79;

fn tell(text: &str) {
    // Nobody is left to tell when standard error is gone.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// At most 79 columns for any scan of a million million probes, so that no terminal cuts a number; the last open port stands
/// there where it fits. When every port is decided, it speaks of those that are still asked what they are.
fn line(
    lang: Lang,
    (now, asking): (&Progress, Option<Asking>),
    meter: &Meter,
    last_open: Option<&str>,
) -> String {
    if let Some(asking) = asking.filter(|of| of.waiting > 0 && now.decided >= now.planned) {
        let mut line = asking.line(lang);
        // It shows that something goes on while nobody answers.
        let took = format!("  {}", clock(now.elapsed));
        line.extend(Some(took).filter(|took| columns(&line) + columns(took) <= LINE));
        return drawn(&line);
    }
    let left = meter.left(now).map_or_else(|| "--:--".to_owned(), clock);
    let mut line = say!(
        lang,
        "{percent:>5}%  {rate} attempts/s  {open} open  {inflight} in flight  {left} left",
        "{percent:>5}%  {rate} intentos/s  {open} abiertos  {inflight} en vuelo  quedan {left}",
        percent = lang.decimal(percent(now), 1),
        rate = lang.number(meter.rate()),
        open = lang.number(now.open),
        inflight = lang.number(now.inflight),
        left = left
    );
    let last = last_open.map(|last| say!(lang, "  last {last}", "  último {last}", last = last));
    line.extend(last.filter(|last| columns(&line) + columns(last) <= LINE));
    drawn(&line)
}

impl Asking {
    /// `asking 4 open ports what they are  2 of 6 identified`: below 80 columns for a million ports of which as many are asked as may be at once.
    fn line(self, lang: Lang) -> String {
        say!(
            lang,
            "asking {ports} what they are  {identified} of {all} identified",
            "se pregunta a {ports} qué son  {identified} de {all} identificados",
            ports = match lang {
                Lang::En => lang.count(self.waiting, OPEN_PORT),
                Lang::Es => lang.count(self.waiting, PORT),
            },
            identified = lang.number(self.identified),
            all = lang.number(self.all)
        )
    }
}

/// 100 % only when everything is decided.
fn percent(now: &Progress) -> f64 {
    if now.decided >= now.planned {
        return 100.0;
    }
    (now.decided as f64 * 1000.0 / now.planned as f64).floor() / 10.0
}

/// What a program is told, `type` first.
#[derive(Serialize)]
struct Record {
    r#type: &'static str,
    elapsed_ms: u64,
    planned: u64,
    decided: u64,
    open: u64,
    attempts: u64,
    inflight: u64,
    /// Attempts a second.
    rate: u64,
    left_ms: Option<u64>,
    /// Open ports that are being asked what they are, and those that are identified; null where nobody asks.
    asking: Option<u64>,
    identified: Option<u64>,
}

fn json((now, asking): (&Progress, Option<Asking>), meter: &Meter) -> String {
    let millis = |length: Duration| length.as_millis() as u64;
    let record = Record {
        r#type: "progress",
        elapsed_ms: millis(now.elapsed),
        planned: now.planned,
        decided: now.decided,
        open: now.open,
        attempts: now.attempts,
        inflight: now.inflight,
        rate: meter.rate(),
        left_ms: meter.left(now).map(millis),
        asking: asking.map(|of| of.waiting),
        identified: asking.map(|of| of.identified),
    };
    // Numbers and one constant always can be written.
    serde_json::to_string(&record).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use serde_json::json as value;

    use super::*;

    fn at(ms: u64, decided: u64) -> Progress {
        Progress {
            planned: 65_535,
            decided,
            open: 12,
            attempts: decided,
            inflight: 512,
            elapsed: Duration::from_millis(ms),
        }
    }

    #[test]
    fn the_line_says_percent_rate_found_in_flight_and_time_left() {
        let mut meter = Meter::default();
        meter.sample(&at(0, 0));
        meter.sample(&at(1000, 6_553));
        let line = line(
            Lang::En,
            (&at(1000, 6_553), None),
            &meter,
            Some("192.0.2.7:443"),
        );
        assert_eq!(
            line,
            "  9.9%  6,553 attempts/s  12 open  512 in flight  0:09 left  last 192.0.2.7:443"
        );
    }

    /// It was cut off by the terminal, in the middle of its port.
    #[test]
    fn a_last_port_that_does_not_fit_is_left_out() {
        let mut meter = Meter::default();
        meter.sample(&at(0, 0));
        meter.sample(&at(1000, 6_553));
        let with = |last| line(Lang::En, (&at(1000, 6_553), None), &meter, last);
        let long = with(Some("192.0.2.7:8443"));
        assert_eq!(long, with(None));
    }

    #[test]
    fn the_largest_line_fits_80_columns() {
        let now = Progress {
            planned: 1_000_000_000_000,
            decided: 999_999_999_999,
            open: 1_000_000,
            attempts: 0,
            inflight: 65_536,
            elapsed: Duration::from_secs(1),
        };
        for (lang, begin) in [(Lang::En, " 99.9%"), (Lang::Es, " 99,9%")] {
            let line = line(lang, (&now, None), &Meter::default(), None);
            assert!(line.starts_with(begin) && columns(&line) < 80, "{line}");
        }
    }

    #[test]
    fn a_program_gets_numbers_and_null() {
        let value: serde_json::Value =
            serde_json::from_str(&json((&at(1500, 10), None), &Meter::default())).unwrap();
        assert_eq!(
            (&value["type"], &value["elapsed_ms"]),
            (&value!("progress"), &value!(1500))
        );
        assert!(value["left_ms"].is_null() && value["decided"] == 10);
        assert!(value["asking"].is_null() && value["identified"].is_null());
        let asking = Asking {
            waiting: 4,
            identified: 2,
            all: 7,
        };
        let told = json((&at(1500, 10), Some(asking)), &Meter::default());
        assert!(told.ends_with(r#""asking":4,"identified":2}"#), "{told}");
    }

    #[test]
    fn when_all_ports_are_decided_the_line_says_that_open_ones_are_asked() {
        let asking = Asking {
            waiting: 4,
            identified: 2,
            all: 6,
        };
        let says = |lang, decided, asking| {
            line(
                lang,
                (&at(1000, decided), Some(asking)),
                &Meter::default(),
                None,
            )
        };
        assert_eq!(
            says(Lang::En, 65_535, asking),
            "asking 4 open ports what they are  2 of 6 identified  0:01"
        );
        assert_eq!(
            says(Lang::Es, 65_535, asking),
            "se pregunta a 4 puertos qué son  2 de 6 identificados  0:01"
        );
        assert!(says(Lang::En, 65_534, asking).contains("attempts/s"));
        let none = Asking {
            waiting: 0,
            ..asking
        };
        assert!(says(Lang::En, 65_535, none).contains("attempts/s"));
        let many = Asking {
            waiting: 8_192,
            identified: 1_000_000,
            all: 2_000_000,
        };
        for lang in Lang::ALL {
            let line = says(lang, 65_535, many);
            assert!(columns(&line) <= LINE, "{line}");
        }
    }
}
