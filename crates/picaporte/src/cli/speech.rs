//! The language in which a command speaks: what `--lang` says, or else the locale. It is known before the command line can be
//! read, as that may be what is wrong.

use std::ffi::OsString;

use super::args::Command;
use crate::report::Lang;

/// The language that was asked for, or else that of the environment's locale.
pub(crate) fn language(asked: Option<Lang>) -> Lang {
    asked.unwrap_or_else(locale)
}

/// The language of a command.
pub(crate) fn of_command(command: &Command) -> Lang {
    language(match command {
        Command::Scan(args) => args.reports.lang,
        Command::Resume(args) => args.reports.lang,
        Command::Show(args) => args.reports.lang,
        Command::Locate(args) => args.speech.lang,
        Command::History(args) => args.speech.lang,
        Command::Diff(args) => args.speech.lang,
        Command::Check(args) => args.speech.lang,
        Command::Completions { .. } | Command::Man { .. } => None,
    })
}

/// The language of a command line that can't be read.
pub(crate) fn of_words(words: &[OsString]) -> Lang {
    language(asked(words))
}

/// The first `--lang` of a language that there is; what stands after `--` is no option of this command.
fn asked(words: &[OsString]) -> Option<Lang> {
    let own = words
        .iter()
        .map_while(|word| word.to_str().filter(|word| *word != "--"));
    let own: Vec<&str> = own.collect();
    let values = own.iter().zip(own.iter().skip(1));
    let mut values = values
        .filter(|(word, _)| **word == "--lang")
        .map(|(_, value)| *value);
    let mut joined = own.iter().filter_map(|word| word.strip_prefix("--lang="));
    let by_name = |name: &str| Lang::by_name(name).ok();
    values
        .find_map(by_name)
        .or_else(|| joined.find_map(by_name))
}

/// The language of the environment's locale.
fn locale() -> Lang {
    let values = ["LC_ALL", "LC_MESSAGES", "LANG"].map(std::env::var);
    Lang::of_locale(values.iter().map(|value| value.as_deref().ok()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_found_in_a_line_that_can_not_be_read() {
        for (line, lang) in [
            ("picaporte scan --lang es --rate", Some(Lang::Es)),
            ("picaporte --nosuch --lang=en", Some(Lang::En)),
            ("picaporte scan --lang fr --lang es", Some(Lang::Es)),
            ("picaporte scan --lang", None),
            ("picaporte scan --language es", None),
            ("picaporte check p t -- --lang es", None),
            ("", None),
        ] {
            let words: Vec<OsString> = line.split_whitespace().map(OsString::from).collect();
            assert_eq!(asked(&words), lang, "{line}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_word_that_is_no_text_hides_nothing_before_it() {
        use std::os::unix::ffi::OsStringExt as _;
        let words = ["--lang".into(), "es".into(), OsString::from_vec(vec![0xff])];
        assert_eq!(asked(&words), Some(Lang::Es));
    }
}
