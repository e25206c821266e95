//! What the parser of the command line refused, as one line that names the flag and the text.
//! It knows the parser's errors, and no option by name.

use std::error::Error as _;
use std::ffi::OsString;

use clap::error::{ContextKind, ContextValue, Error, ErrorKind};

use crate::report::Lang;
use crate::words::errors;

mod habits;

/// One line for standard error; `words` are those of the command line.
pub(crate) fn describe(error: &Error, words: &[OsString], lang: Lang) -> String {
    let arg = flag(error, ContextKind::InvalidArg);
    match error.kind() {
        ErrorKind::UnknownArgument => unknown(error, &arg, words, lang),
        ErrorKind::ValueValidation | ErrorKind::InvalidValue => value(error, &arg, lang),
        ErrorKind::ArgumentConflict => conflict(error, &arg, lang),
        ErrorKind::InvalidSubcommand => {
            let says = say!(
                lang,
                "there is no command '{name}'; to scan, write picaporte scan TARGET, or see picaporte --help",
                "no hay ningún comando '{name}'; para escanear, escriba picaporte scan TARGET, o vea picaporte --help",
                name = text(error, ContextKind::InvalidSubcommand)
            );
            with_hint(error, says, lang)
        }
        ErrorKind::MissingSubcommand | ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => say!(
            lang,
            "no command; write picaporte scan TARGET, or see picaporte --help",
            "falta el comando; escriba picaporte scan TARGET, o vea picaporte --help"
        ),
        ErrorKind::MissingRequiredArgument => say!(
            lang,
            "{arg} is missing",
            "falta {arg}",
            arg = arg.replace(" or ", lang.either(" or ", " o "))
        ),
        ErrorKind::TooManyValues => say!(
            lang,
            "{arg} takes no value, not '{value}'",
            "{arg} no lleva valor, tampoco '{value}'",
            arg = arg,
            value = text(error, ContextKind::InvalidValue)
        ),
        ErrorKind::InvalidUtf8 => say!(
            lang,
            "an argument is not text in UTF-8",
            "un argumento no es texto en UTF-8"
        ),
        _ => first_line(error),
    }
}

/// Whether what was taken for a wish for help, or for the version, is none: naabu's `-host` begins as `-h` does, and `-V` means something
/// behind a command only.
pub(crate) fn mistaken(error: &Error, words: &[OsString], lang: Lang) -> Option<String> {
    let long = |word: &&str| word.starts_with("-h") && word.len() > 2;
    let habit = words.iter().filter_map(|word| word.to_str()).find(long);
    if let Some((word, hint)) = habit.and_then(|word| Some((word, habits::hint(word, word, lang)?)))
    {
        return Some(unknown_but(word, hint, lang));
    }
    (error.kind() == ErrorKind::DisplayVersion && words.len() > 2)
        .then(|| before_command("-V", lang))
}

fn unknown_but(word: &str, hint: &str, lang: Lang) -> String {
    say!(
        lang,
        "unknown option {word}: {hint}",
        "opción desconocida {word}: {hint}",
        word = word,
        hint = hint
    )
}

fn before_command(arg: &str, lang: Lang) -> String {
    say!(
        lang,
        "{arg} stands before any command; write picaporte scan {arg} … TARGET",
        "{arg} está antes de todo comando; escriba picaporte scan {arg} … TARGET",
        arg = arg
    )
}

fn unknown(error: &Error, arg: &str, words: &[OsString], lang: Lang) -> String {
    let command = words
        .get(1)
        .and_then(|word| word.to_str())
        .unwrap_or_default();
    let no_command = command.starts_with('-');
    // What other scanners' users write is for `scan`, be it that they left out the command.
    if (command == "scan" || no_command)
        && let Some((word, hint)) = habit(arg, words, lang)
    {
        return unknown_but(&word, hint, lang);
    }
    if no_command {
        return before_command(arg, lang);
    }
    if command == "check" {
        return say!(
            lang,
            "unknown option {arg}; options of the scan stand after --, as in: picaporte check POLICY TARGET -- -p 22",
            "opción desconocida {arg}; las opciones del escaneo van después de --, como en: picaporte check POLICY TARGET -- -p 22",
            arg = arg
        );
    }
    let says = say!(
        lang,
        "unknown option {arg}",
        "opción desconocida {arg}",
        arg = arg
    );
    with_hint(error, says, lang)
}

/// The word that holds an unknown option, and what to write instead, if it is a habit of other
/// scanners' users.
fn habit(arg: &str, words: &[OsString], lang: Lang) -> Option<(String, &'static str)> {
    let mut words = words.iter().map(|word| word.to_string_lossy());
    let word = words.find(|word| word.starts_with(arg))?;
    let hint = habits::hint(&word, arg, lang)?;
    Some((word.into_owned(), hint))
}

fn value(error: &Error, arg: &str, lang: Lang) -> String {
    let given = text(error, ContextKind::InvalidValue);
    if given.is_empty() && error.source().is_none() {
        return say!(
            lang,
            "{arg} needs a value",
            "{arg} necesita un valor",
            arg = arg
        );
    }
    let valid = text(error, ContextKind::ValidValue);
    match error.source().map(|source| errors::one(source, lang)) {
        Some(source) if source.contains(&format!("'{given}'")) => format!("{arg}: {source}"),
        Some(source) => format!("{arg} '{given}': {source}"),
        None if valid.is_empty() => say!(
            lang,
            "{arg} '{given}' is no valid value",
            "{arg} '{given}' no es un valor válido",
            arg = arg,
            given = given
        ),
        None => say!(
            lang,
            "{arg} '{given}': write one of {valid}",
            "{arg} '{given}': escriba uno de estos: {valid}",
            arg = arg,
            given = given,
            valid = valid
        ),
    }
}

fn conflict(error: &Error, arg: &str, lang: Lang) -> String {
    let prior = flag(error, ContextKind::PriorArg);
    if prior == arg {
        return say!(
            lang,
            "{arg} is given twice",
            "{arg} está dos veces",
            arg = arg
        );
    }
    if prior.is_empty() {
        return say!(
            lang,
            "{arg} can't be used together with anything else",
            "{arg} no se puede usar junto con nada más",
            arg = arg
        );
    }
    say!(
        lang,
        "{arg} can't be used together with {prior}",
        "{arg} no se puede usar junto con {prior}",
        arg = arg,
        prior = prior
    )
}

fn with_hint(error: &Error, message: String, lang: Lang) -> String {
    let hints = [ContextKind::SuggestedArg, ContextKind::SuggestedSubcommand];
    match hints
        .into_iter()
        .map(|kind| text(error, kind))
        .find(|hint| !hint.is_empty())
    {
        Some(hint) => say!(
            lang,
            "{message}; did you mean {hint}?",
            "{message}; ¿quiso decir {hint}?",
            message = message,
            hint = hint
        ),
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

/// What the parser itself says, in English: nothing that a user meets by these commands.
fn first_line(error: &Error) -> String {
    let rendered = error.render().to_string();
    let line = rendered
        .lines()
        .next()
        .unwrap_or("the command line can't be read");
    line.strip_prefix("error: ").unwrap_or(line).to_owned()
}
