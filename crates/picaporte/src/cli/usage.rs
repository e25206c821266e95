//! What the parser of the command line refused, as one line that names the flag and the text.
//! It knows the parser's errors, and no option by name.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

/// What users of other scanners type first, and what to write here.
const HABITS: &[(&str, &str)] = &[
    ("-sT", "every scan is a connect scan: leave it out"),
    ("-sV", "services are not identified yet: leave it out"),
    (
        "-sn",
        "hosts are not looked for without scanning ports: leave it out",
    ),
    ("-s", "every scan is a TCP connect scan: leave it out"),
    ("-T", "write --pace gentle, normal or fast"),
    ("-P", "no host is left out for not answering: leave it out"),
    ("-n", "addresses are not looked up: leave it out"),
    ("-iL", "write --targets-file FILE"),
    (
        "-A",
        "services and systems are not identified yet: leave it out",
    ),
    ("-F", "write -p common:100"),
    ("-v", "leave it out; --progress shows how far the scan is"),
    ("-b", "write --max-inflight N"),
    ("--batch-size", "write --max-inflight N"),
    ("--top-ports", "write -p common:N"),
    ("--min-rate", "write --rate N for the most probes a second"),
    ("--max-rate", "write --rate N"),
    ("--max-retries", "write --attempts N"),
    ("--retries", "write --attempts N"),
    ("--tries", "write --attempts N"),
    ("--open", "that is the default: --show open"),
    ("--reason", "reasons are always shown"),
    ("--traceroute", "write --locate"),
    (
        "--ulimit",
        "descriptors are raised as far as the system lets",
    ),
    ("-iR", "targets are always named: none are made up"),
    (
        "-r",
        "ports are asked in random order; --seed N repeats one",
    ),
    ("-e", "write --interface NAME"),
    ("-g", "source ports are the system's: leave it out"),
    ("-O", "systems are not identified: leave it out"),
    ("--script", "there are no scripts: leave it out"),
];

/// One line for standard error; `words` are those of the command line.
pub(crate) fn describe(error: &Error, words: &[OsString]) -> String {
    let arg = || flag(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument if habit(&arg(), words).is_some() => {
            let (word, hint) = habit(&arg(), words).unwrap_or_default();
            format!("unknown option {word}: {hint}")
        }
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => value(error, &arg()),
        ErrorKind::UnknownArgument if words.get(1).is_some_and(|word| word == "check") => format!(
            "unknown option {}; options of the scan stand after --, as in: picaporte check POLICY TARGET -- -p 22",
            arg()
        ),
        ErrorKind::UnknownArgument => with_hint(error, format!("unknown option {}", arg())),
        ErrorKind::ArgumentConflict => conflict(error, &arg()),
        ErrorKind::InvalidSubcommand => {
            let name = text(error, ContextKind::InvalidSubcommand);
            with_hint(
                error,
                format!(
                    "there is no command '{name}'; to scan, write picaporte scan TARGET, or see picaporte --help"
                ),
            )
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => {
            "no command; write picaporte scan TARGET, or see picaporte --help".to_owned()
        }
        ErrorKind::MissingRequiredArgument => format!("{} is missing", arg()),
        ErrorKind::TooManyValues => {
            let value = text(error, ContextKind::InvalidValue);
            format!("{} takes no value, not '{value}'", arg())
        }
        ErrorKind::InvalidUtf8 => "an argument is not text in UTF-8".to_owned(),
        _ => first_line(error),
    }
}

/// The word that holds an unknown option, and what to write instead, if it is a habit of other
/// scanners' users.
fn habit(arg: &str, words: &[OsString]) -> Option<(String, &'static str)> {
    let mut words = words.iter().map(|word| word.to_string_lossy());
    let word = words.find(|word| word.starts_with(arg))?;
    let (_, hint) = HABITS.iter().find(|(option, _)| {
        word.starts_with(option) && (!option.starts_with("--") || arg == *option)
    })?;
    Some((word.into_owned(), hint))
}

fn value(error: &Error, arg: &str) -> String {
    let given = text(error, ContextKind::InvalidValue);
    if given.is_empty() && error.source().is_none() {
        return format!("{arg} needs a value");
    }
    let valid = text(error, ContextKind::ValidValue);
    match error.source().map(ToString::to_string) {
        Some(source) if source.contains(&format!("'{given}'")) => format!("{arg}: {source}"),
        Some(source) => format!("{arg} '{given}': {source}"),
        None if valid.is_empty() => format!("{arg} '{given}' is no valid value"),
        None => format!("{arg} '{given}': write one of {valid}"),
    }
}

fn conflict(error: &Error, arg: &str) -> String {
    let prior = flag(error, ContextKind::PriorArg);
    if prior == arg {
        return format!("{arg} is given twice");
    }
    if prior.is_empty() {
        return format!("{arg} can't be used together with anything else");
    }
    format!("{arg} can't be used together with {prior}")
}

fn with_hint(error: &Error, message: String) -> String {
    let hints = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand];
    match hints
        .into_iter()
        .map(|kind| text(error, kind))
        .find(|hint| !hint.is_empty())
    {
        Some(hint) => format!("{message}; did you mean {hint}?"),
        None => message,
    }
}

/// The flag alone: `--rate <N>` is `--rate`, and `-p, --ports` is what users read in examples.
fn flag(error: &Error, kind: ContextKind) -> String {
    let text = text(error, kind);
    let name = text
        .split(" <")
        .next()
        .unwrap_or_default()
        .trim_end_matches("...");
    name.trim_matches(['<', '>', '[', ']', ',']).to_owned()
}

fn text(error: &Error, kind: ContextKind) -> String {
    match error.get(kind) {
        Some(ContextValue::String(text)) => text.clone(),
        Some(ContextValue::Strings(texts)) => texts.join(", "),
        Some(ContextValue::StyledStr(text)) => text.to_string(),
        _ => String::new(),
    }
}

fn first_line(error: &Error) -> String {
    let rendered = error.render().to_string();
    let line = rendered
        .lines()
        .next()
        .unwrap_or("the command line can't be read");
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
