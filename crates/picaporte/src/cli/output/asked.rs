//! What is asked of the outputs, before any is opened: their formats, and what other scanners' users write.

use std::path::Path;

use anyhow::Result;

use super::super::args::Reports;
use crate::report::Format;
use crate::words::errors::Spanish as _;
use crate::words::said::Said;

/// What can be said of the outputs before any is opened.
///
/// # Errors
/// One sentence: a file whose extension stands for no format, or XML or a page that is asked for something and nowhere written.
pub(crate) fn check(reports: &Reports) -> Result<()> {
    for path in reports.files() {
        nmap_output(path)?;
        format_of(path)?;
    }
    if reports.xml_strict && !formats(reports).any(|format| format == Format::Xml) {
        refuse!(
            "--xml-strict: nothing is written in XML; add -o FILE.xml or --format xml, or leave it out",
            "--xml-strict: nada se escribe en XML; añada -o FILE.xml o --format xml, o quítela"
        );
    }
    if reports.since.is_some() && !formats(reports).any(|format| format == Format::Html) {
        refuse!(
            "--since: only a page says what changed, and none is written; add -o FILE.html or --format html, or compare with picaporte diff",
            "--since: solo una página dice qué cambió, y no se escribe ninguna; añada -o FILE.html o --format html, o compare con picaporte diff"
        );
    }
    Ok(())
}

/// `-oX FILE`, as nmap's users write it, is `-o X` and a target here.
fn nmap_output(path: &Path) -> Result<()> {
    let letter = path
        .to_str()
        .filter(|text| ["X", "N", "G", "A", "S", "J", "L", "B"].contains(text));
    let (en, es) = match letter {
        None => return Ok(()),
        Some("X") => ("write -o FILE.xml", "escriba -o FILE.xml"),
        Some("G") => ("write -o FILE.gnmap", "escriba -o FILE.gnmap"),
        Some("A") => (
            "write -o FILE.xml -o FILE.gnmap",
            "escriba -o FILE.xml -o FILE.gnmap",
        ),
        Some("N") => (
            "write > FILE, as standard output has the table, or -o FILE.jsonl for all that is known",
            "escriba > FILE, pues la tabla sale por la salida estándar, o -o FILE.jsonl para todo lo que se sabe",
        ),
        Some("J") => refuse!(
            "-oJ is masscan's; write --format masscan > FILE, or -o FILE.jsonl for all that is known",
            "-oJ es de masscan; escriba --format masscan > FILE, o -o FILE.jsonl para todo lo que se sabe"
        ),
        Some("L") => refuse!(
            "-oL is masscan's; write --format hostport > FILE",
            "-oL es de masscan; escriba --format hostport > FILE"
        ),
        Some("B") => refuse!(
            "-oB is masscan's; write -o FILE.jsonl",
            "-oB es de masscan; escriba -o FILE.jsonl"
        ),
        Some(_) => (
            "write -o FILE, the format by its extension: .jsonl, .json, .csv, .xml, .gnmap, .html or .md",
            "escriba -o FILE, con el formato por su extensión: .jsonl, .json, .csv, .xml, .gnmap, .html o .md",
        ),
    };
    refuse!(
        |lang| "-o{letter} is nmap's; {write}",
        "-o{letter} es de nmap; {write}",
        letter = letter.unwrap_or_default(),
        write = lang.either(en, es)
    )
}

/// The format of an output file, by its extension.
///
/// # Errors
/// An extension that stands for no format, or none.
pub(crate) fn format_of(path: &Path) -> Result<Format> {
    let format = Format::by_extension(path);
    format.map_err(|error| Said::new(|lang| format!("--output: {}", error.told(lang))).into())
}

/// The formats that are asked for, as far as files tell theirs.
pub(crate) fn formats(reports: &Reports) -> impl Iterator<Item = Format> + '_ {
    let files = reports.files().filter_map(|path| format_of(path).ok());
    std::iter::once(reports.format).chain(files)
}

/// Whether a format has a place for more than a line for each port.
pub(crate) fn has_totals(format: Format) -> bool {
    !matches!(
        format,
        Format::Csv | Format::Grepable | Format::HostPort | Format::Naabu | Format::Masscan
    )
}

/// Whether a format tells what the reverse DNS calls an address.
pub(crate) fn tells_reverse(format: Format) -> bool {
    !matches!(format, Format::HostPort | Format::Naabu | Format::Masscan)
}

/// Whether a format tells what listens on a port.
pub(crate) fn tells_services(format: Format) -> bool {
    !matches!(format, Format::HostPort | Format::Naabu | Format::Masscan)
}
