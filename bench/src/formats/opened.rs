//! How long the page takes to open: headless Chromium, started anew each time, loads it from the disk, lays it out and shows it.

use std::fs::{self, File};
use std::path::Path;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, ensure};
use picaporte::report::Format;
use serde_json::json;

use super::browser::Browser;
use super::many::Many;
use super::{BLOCK, SIZES, file_in, times};

/// Asks for where things lie, so that they must be laid out. What is left until it is seen has its place.
const LAID_OUT: &str = "document.documentElement.getBoundingClientRect().height";
/// Two frames later, one is on the screen.
const SHOWN: &str =
    "new Promise(done => requestAnimationFrame(() => requestAnimationFrame(() => done(true))))";
/// Lays out also what is left until it is seen, as a printer would.
const WHOLE: &str = "for (const part of document.querySelectorAll('.part')) part.style.contentVisibility = 'visible'; \
document.documentElement.getBoundingClientRect().height";

/// How many rows of hosts and of evidence there are, and how many sentences say what was folded.
const ROWS: &str = "['table.hosts tbody tr', 'table.ev tbody tr', 'p.fold'].map(those => document.querySelectorAll(those).length)";

/// How the page of one scan opens. All times are from the moment at which Chromium was asked for it: median, shortest, longest.
pub(super) struct Opened {
    pub(super) hosts: u32,
    pub(super) bytes: u64,
    /// Hosts, open ports with their evidence, and sentences that say what was folded.
    pub(super) rows: [u64; 3],
    /// Until its load event.
    pub(super) loaded: [f64; 3],
    /// Until what is seen of it was laid out and on the screen.
    pub(super) shown: [f64; 3],
    /// Until all of it was laid out.
    pub(super) whole: [f64; 3],
}

pub(super) fn measure(rounds: u16, folder: &Path) -> Result<Vec<Opened>> {
    let sizes = SIZES.iter();
    sizes.map(|&hosts| of_size(hosts, rounds, folder)).collect()
}

fn of_size(hosts: u32, rounds: u16, folder: &Path) -> Result<Opened> {
    let page = file_in(folder, Some(Format::Html));
    let mut file = File::create(&page).with_context(|| format!("writing {}", page.display()))?;
    let scan = Many {
        hosts,
        block: BLOCK,
    };
    let written = scan.write(Format::Html, &mut file);
    written.map_err(|why| anyhow!("writing {}: {why}", page.display()))?;
    let mut seen = [const { Vec::new() }; 3];
    let mut rows = [0; 3];
    for _ in 0..rounds {
        let once;
        (once, rows) = opened(&page)?;
        eprintln!("html · {hosts} hosts: loaded, shown, all laid out after {once:.2?} s");
        seen.iter_mut()
            .zip(once)
            .for_each(|(all, one)| all.push(one));
    }
    let bytes = fs::metadata(&page)?.len();
    fs::remove_file(&page)?;
    let [loaded, shown, whole] = seen.map(times);
    Ok(Opened {
        hosts,
        bytes,
        rows,
        loaded: loaded?,
        shown: shown?,
        whole: whole?,
    })
}

/// Its times, and its rows.
fn opened(page: &Path) -> Result<([f64; 3], [u64; 3])> {
    let mut browser = Browser::start()?;
    let begun = Instant::now();
    browser.open(page)?;
    let loaded = begun.elapsed();
    browser.evaluate(LAID_OUT)?;
    let frames = json!({"expression": SHOWN, "awaitPromise": true, "returnByValue": true});
    browser.ask("Runtime.evaluate", frames)?;
    let shown = begun.elapsed();
    browser.evaluate(WHOLE)?;
    let whole = begun.elapsed();
    let asked = browser.told("Network.requestWillBeSent").len();
    ensure!(
        asked == 1,
        "the page asked for {asked} things, not for itself alone"
    );
    let rows = serde_json::from_value(browser.evaluate(ROWS)?).context("counting rows")?;
    Ok(([loaded, shown, whole].map(|took| took.as_secs_f64()), rows))
}
