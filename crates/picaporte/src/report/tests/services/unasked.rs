//! Open ports that were to be asked what they are, and were not, as the scan was stopped.

use super::*;

/// Every port was tested, and two open ones were not asked.
fn cut(interrupted: bool) -> Sample {
    let mut sample = sample(States::OPEN);
    let counts = sample.trailer.identified.as_mut().unwrap();
    counts.not_asked = 3;
    counts.pending = 2;
    sample.trailer.account.interrupted = interrupted;
    sample
}

/// Without the breaks of lines.
fn said(sample: &Sample, format: Format, lang: Lang) -> String {
    let text = in_lang(sample, format, lang);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

#[test]
fn interrupted_while_ports_were_asked_is_the_last_word_where_people_read() {
    for (lang, word) in [
        (
            Lang::En,
            "Interrupted while open ports were asked what they are: 2 of 9 were not asked.",
        ),
        (
            Lang::Es,
            "Interrumpido mientras se preguntaba a los puertos abiertos qué son: quedaron sin preguntar 2 de 9.",
        ),
    ] {
        for format in [Format::Table, Format::Markdown, Format::Html] {
            let text = said(&cut(true), format, lang);
            assert!(text.contains(word), "{}: {text}", format.name());
            let last = text.ends_with(word);
            assert!(last || format == Format::Html, "{}: {text}", format.name());
        }
    }
}

#[test]
fn the_end_of_the_time_says_how_many_were_not_asked() {
    for (lang, word) in [
        (
            Lang::En,
            "2 of 9 open ports were not asked what they are: the scan ended before their turn.",
        ),
        (
            Lang::Es,
            "Quedaron sin preguntar qué son 2 de 9 puertos abiertos: el escaneo terminó antes de su turno.",
        ),
    ] {
        for format in [Format::Table, Format::Markdown, Format::Html] {
            let text = said(&cut(false), format, lang);
            assert!(text.contains(word), "{}: {text}", format.name());
        }
    }
}

#[test]
fn nmaps_formats_end_with_an_error_where_it_was_interrupted() {
    for format in [Format::Xml, Format::Grepable] {
        let text = said(&cut(true), format, Lang::En);
        assert!(text.contains("Interrupted while open ports"), "{text}");
        let text = said(&cut(false), format, Lang::En);
        assert!(!text.contains("exit=\"error\""), "{text}");
    }
}
