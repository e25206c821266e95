//! The command `check`: a policy and a scan are read, held against each other, and the answers are written. It knows files, the
//! calendar and the order of things; reading, judging and writing are done elsewhere.

use std::ffi::OsString;
use std::io::{BufReader, Seek as _};
use std::path::Path;

use anyhow::Result;
use clap::Parser as _;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use picaporte_check::{Answer, Answers, MOST_BYTES, Policy, check};
use picaporte_diff::{Snapshot, Wanted};

use super::args::{Args, CheckArgs, Command};
use super::exit::Exit;
use super::files::{is_standard, small};
use super::machine::Machine;
use super::scan::style;
use super::speech::language;
use super::stdout::flush;
use super::{message, scan, scope, side, usage};
use crate::report::{Checked, Lang, Style, check_report, starting_policy};
use crate::scope::sha256;
use crate::words::errors::Spanish as _;

/// The option of `scan` that asks what listens.
const IDENTIFY: &str = "--identify";

/// Checks, or prints a policy to start from.
///
/// # Errors
/// One sentence for standard error that names the file and the place.
pub(crate) fn run(args: &CheckArgs) -> Result<Exit> {
    let lang = language(args.speech.lang);
    match (&args.init, &args.policy, &args.scan[..]) {
        (Some(scan), ..) => init(scan, args, lang),
        (None, Some(policy), [scan, more @ ..]) => {
            let policy = Given::read(policy)?;
            let day = args.date.unwrap_or_else(today);
            policy.warn(day, lang);
            if let Some(scan) = args
                .scan
                .iter()
                .find(|arg| !more.is_empty() && side::is_scan(arg))
            {
                refuse!(
                    "SCAN '{scan}' can't stand beside others: name one scan, or targets",
                    "SCAN '{scan}' no puede ir junto a otros: indique un escaneo, u objetivos",
                    scan = scan.display()
                );
            }
            let is_kept = side::is_scan(scan);
            if is_kept && !args.options.is_empty() {
                refuse!(
                    "options after -- are for targets, and SCAN '{scan}' is none",
                    "las opciones tras -- son para objetivos, y SCAN '{scan}' no lo es",
                    scan = scan.display()
                );
            }
            let snapshot = if is_kept {
                snapshot(scan, args)?
            } else {
                match scanned(args, policy.policy.wants_services())? {
                    Ok(snapshot) => snapshot,
                    Err(stopped) => return Ok(stopped),
                }
            };
            let answers = check(&policy.policy, &snapshot, day);
            policy.tell(args, &called(args), &snapshot, &answers)?;
            Ok(exit(answers.answer()))
        }
        _ => refuse!("POLICY or SCAN is missing", "falta POLICY o SCAN"),
    }
}

/// Days end at midnight in UTC, so that everybody's end at once.
fn today() -> Date {
    Timestamp::now().to_zoned(TimeZone::UTC).date()
}

/// A policy and its file.
struct Given<'a> {
    path: &'a Path,
    place: String,
    sha256: String,
    policy: Policy,
}

impl<'a> Given<'a> {
    fn read(path: &'a Path) -> Result<Self> {
        let place = format!("POLICY '{}'", path.display());
        if is_standard(path) {
            refuse!(
                "{place} is no file; name one, so that answers can point into it",
                "{place} no es un fichero; indique uno, para que las respuestas puedan señalar dónde",
                place = place
            );
        }
        let what = said!("policy", "la política");
        let bytes = small(path, MOST_BYTES, &what).map_err(|why| scope::after(&place, &why))?;
        let policy = Policy::parse(&bytes, &Machine);
        let policy = policy.map_err(|wrong| scope::at(&place, &wrong))?;
        Ok(Self {
            path,
            place,
            sha256: sha256(&bytes),
            policy,
        })
    }

    /// What should be mended in it.
    fn warn(&self, today: Date, lang: Lang) {
        let expired = self.policy.expired(today);
        for wrong in self.policy.warnings.iter().cloned().chain(expired) {
            message::warning(lang, scope::at(&self.place, &wrong).text(lang));
        }
    }

    /// Writes what a scan says to it, wherever the scan came from.
    fn tell(
        &self,
        args: &CheckArgs,
        scan_file: &str,
        scan: &Snapshot,
        answers: &Answers<'_>,
    ) -> Result<()> {
        let told = Checked {
            version: env!("CARGO_PKG_VERSION"),
            file: &self.path.to_string_lossy(),
            sha256: &self.sha256,
            policy: &self.policy,
            scan_file,
            scan,
            answers,
        };
        let mut out = Vec::new();
        let style = Style {
            lang: language(args.speech.lang),
            ..style(args.look.color)
        };
        check_report(&told, args.speech.format.into(), style, &mut out);
        flush(&mut out).map(|_| ())
    }
}

/// The scan that SCAN names.
fn snapshot(argument: &Path, args: &CheckArgs) -> Result<Snapshot> {
    side::read("SCAN", argument, &args.kept, Wanted::default())
}

/// What the user called the scan.
fn called(args: &CheckArgs) -> String {
    let words: Vec<_> = args
        .scan
        .iter()
        .map(|word| word.to_string_lossy())
        .collect();
    words.join(" ")
}

/// Scans the targets now, as `scan` does with these options; an exit code if that was stopped. Open ports are asked what they are, if the policy
/// wants to know, whether or not the options say so.
fn scanned(args: &CheckArgs, identify: bool) -> Result<Result<Snapshot, Exit>> {
    let mut words: Vec<OsString> = vec!["scan".into()];
    if let Some(store) = &args.kept.store {
        words.extend(["--store".into(), store.into()]);
    }
    words.extend(args.options.iter().cloned());
    let given = |word: &OsString| word == IDENTIFY || word == "-V";
    if identify && !args.options.iter().any(given) {
        words.push(IDENTIFY.into());
    }
    words.push("--".into());
    words.extend(args.scan.iter().map(Into::into));
    let whole: Vec<OsString> = std::iter::once("picaporte".into())
        .chain(words.clone())
        .collect();
    let parsed = Args::try_parse_from(&whole).map_err(|error| {
        said!(
            |lang| "after --: {why}",
            "tras --: {why}",
            why = usage::describe(&error, &whole, lang)
        )
    })?;
    let Command::Scan(mut scan_args) = parsed.command else {
        refuse!(
            "after -- only options of 'picaporte scan' can stand",
            "tras -- solo pueden ir opciones de 'picaporte scan'"
        );
    };
    // What it tells meanwhile, and the files that it writes, are in the language of the answers unless they were asked for in another.
    scan_args.reports.lang = scan_args.reports.lang.or(args.speech.lang);
    let (exit, mut file) = scan::into_file(&scan_args, &words)?;
    if matches!(exit, Exit::Interrupted | Exit::Error) {
        return Ok(Err(exit));
    }
    file.rewind()?;
    side::of_file(
        &said!("the scan", "el escaneo"),
        BufReader::new(file),
        Wanted::default(),
    )
    .map(Ok)
}

/// That something can't be told is what probes that could not be tested are to a scan.
const fn exit(answer: Answer) -> Exit {
    match answer {
        Answer::Holds => Exit::Done,
        Answer::CannotTell => Exit::Untested,
        Answer::Violated => Exit::Differs,
    }
}

/// Prints a policy that describes a scan. What could not be read back is not printed.
fn init(argument: &Path, args: &CheckArgs, lang: Lang) -> Result<Exit> {
    let snapshot = snapshot(argument, args)?;
    let mut out = Vec::new();
    starting_policy(&snapshot, &argument.to_string_lossy(), lang, &mut out);
    if let Err(wrong) = Policy::parse(&out, &Machine) {
        refuse!(
            |lang| "--init '{scan}': the scan is too varied for one policy ({wrong}); scan in parts, and begin a policy of each",
            "--init '{scan}': el escaneo es demasiado variado para una política ({wrong}); escanee por partes, y empiece una política con cada una",
            scan = argument.display(),
            wrong = wrong.told(lang)
        );
    }
    flush(&mut out)?;
    Ok(Exit::Done)
}
