//! Certificates whose names, and servers whose protocols, would act where they are shown.

use std::fs;
use std::io::{self, Write as _};

use libtest_mimic::Failed;
use pulldown_cmark::{Event, Options, Parser};
use rustls::ServerConfig;

use super::{Metered, Serve, Servers, calm};
use crate::outcome::must;
use crate::tls::certificates::{Pair, called};
use crate::tls::{
    CERTIFICATE_VERIFY, ENCRYPTED_EXTENSIONS, alpn, certificate, client_hello, message, records,
    sealed, sealed_certificate, server_hello, sized,
};
use crate::world::World;

/// It would clear the screen, set a title, be a formula, a script, and the end of a cell; and it is no UTF-8.
const NAME: &[u8] = b"=cmd|' /C calc'!A0\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\r\n\"|`]]>\xff\xfe\x00\xe2\x80\xae\xc2\x9b";
/// The same in ASCII, as a name of the DNS must be.
const ASCII: &[u8] =
    b"=cmd|' /C calc'!A0\x1b[2J\x1b]0;owned\x07<script>alert(1)</script>\r\n\"|`]]>\x00\x7f";

/// In the clear (1.2): hello and certificate, which a question of ours reads.
fn clear(mut stream: Metered, pair: &Pair, name: &[u8]) -> io::Result<()> {
    if client_hello(&mut stream)?.is_some() {
        let hello = server_hello(&alpn(name));
        stream.write_all(&records(&[hello, certificate(&[&pair.der])].concat()))?;
    }
    Ok(())
}

/// Sealed (1.3): all but the end of the handshake, and a signature that nobody checks.
fn shut(mut stream: Metered, config: &ServerConfig, pair: &Pair, name: &[u8]) -> io::Result<()> {
    if let Some(hello) = client_hello(&mut stream)? {
        let (flight, mut seal) = sealed::begin(config, &hello)?;
        stream.write_all(&flight)?;
        let messages = [
            message(ENCRYPTED_EXTENSIONS, &sized::<2>(&alpn(name))),
            sealed_certificate(&[&pair.der]),
            message(CERTIFICATE_VERIFY, &[4, 3, 0, 8, 1, 2, 3, 4, 5, 6, 7, 8]),
        ];
        stream.write_all(&seal.seal(&messages.concat())?)?;
    }
    Ok(())
}

fn servers() -> Result<Vec<(u16, Serve)>, Failed> {
    let mut servers: Vec<(u16, Serve)> = Vec::new();
    for (port, name) in [(4601, NAME), (4602, ASCII)] {
        let (one, other) = (called(name)?, called(name)?);
        let config = sealed::config()?;
        servers.push((port, Box::new(move |stream| clear(stream, &one, name))));
        let serve: Serve = Box::new(move |stream| shut(stream, &config, &other, name));
        servers.push((port + 10, serve));
    }
    Ok(servers)
}

pub(super) fn trial() -> Result<(), Failed> {
    let world = World::new()?;
    let servers = Servers::start(&world.target, servers()?)?;
    let directory = tempfile::tempdir()?;
    let formats = ["jsonl", "json", "csv", "xml", "gnmap", "md", "html"];
    let files = formats.map(|format| directory.path().join(format!("a.{format}")));
    let outputs = files
        .each_ref()
        .map(|file| format!("-o {}", file.display()));
    let scan = servers.scan(&world, "table").with(&outputs.join(" "));
    let outcome = calm(&scan)?;
    must_not_act("table", &outcome.stdout)?;
    for (format, file) in formats.into_iter().zip(&files) {
        let text = fs::read_to_string(file)?;
        must_not_act(format, &text)?;
        must_be_well_formed(format, &text)?;
    }
    must_be_told(&fs::read_to_string(&files[0])?)
}

/// Nothing that a terminal obeys, and nothing that turns the text about, in whichever format.
fn must_not_act(format: &str, text: &str) -> Result<(), Failed> {
    let acts = |c: char| (c.is_control() && !"\n\r\t".contains(c)) || c == '\u{202e}';
    let acts_in_pages = ["html", "xml"].contains(&format) && text.contains("<script>alert");
    must(
        !text.contains(acts) && !acts_in_pages,
        format_args!("something acts in {format}: {text}"),
    )
}

/// What a reader of its own takes in: no name ends what it stands in.
fn must_be_well_formed(format: &str, text: &str) -> Result<(), Failed> {
    match format {
        "json" => drop(serde_json::from_str::<serde_json::Value>(text)?),
        "xml" => {
            let options = roxmltree::ParsingOptions {
                allow_dtd: true,
                ..Default::default()
            };
            drop(roxmltree::Document::parse_with_options(text, options)?);
        }
        "csv" => must_be_no_formula(text)?,
        "md" => must_be_no_html(text)?,
        _ => {}
    }
    Ok(())
}

fn must_be_no_formula(text: &str) -> Result<(), Failed> {
    for row in csv::Reader::from_reader(text.as_bytes()).records() {
        let row = row?;
        let formula = row
            .iter()
            .any(|cell| cell.starts_with(['=', '+', '-', '@']));
        must(!formula, format_args!("a formula in {row:?}"))?;
    }
    Ok(())
}

fn must_be_no_html(text: &str) -> Result<(), Failed> {
    for event in Parser::new_ext(text, Options::ENABLE_TABLES) {
        let html = match &event {
            Event::Html(html) | Event::InlineHtml(html) => html.contains("script"),
            _ => false,
        };
        must(!html, format_args!("{event:?} in {text}"))?;
    }
    Ok(())
}

/// Else nothing of it was there to act.
fn must_be_told(lines: &str) -> Result<(), Failed> {
    let report = crate::report::Report::parse(lines)?;
    for line in &report.ports {
        let tls = &line["service"]["tls"];
        let own = &tls["certificates"][0];
        let told = [
            &own["subject"],
            &own["issuer"],
            &own["names"][0],
            &tls["alpn"],
        ];
        must(
            told.iter()
                .all(|text| text.as_str().is_some_and(|text| text.contains("owned"))),
            format_args!("not all names are told: {line}"),
        )?;
    }
    must(report.ports.len() == 4, format_args!("{}", report.end))
}
