//! The command `show`: a kept scan is told once more, to the same outputs in the same formats as when it ran. It knows the
//! order of things; reading and writing are done elsewhere.

use anyhow::Result;
use picaporte_store::{Listed, Store};

use super::args::ShowArgs;
use super::exit::Exit;
use super::output::{self, Outputs};
use super::speech::language;
use super::{earlier, files, message, scan, store};
use crate::kept::Replay;
use crate::report::Lang;
use crate::words::nouns::CHUNK;

/// Shows.
///
/// # Errors
/// One sentence for standard error.
pub(crate) fn run(args: &ShowArgs) -> Result<Exit> {
    output::check(&args.reports)?;
    let store = store::must_open(&args.kept)?;
    let since = earlier::file(&args.reports);
    let read = [("--store", store.path())].into_iter().chain(since);
    files::check_outputs(&args.reports.output, read)?;
    let mut found = store::find(&store, args.scan.as_deref())?;
    if args.verify {
        let verified = store.verify(found.id)?;
        found.digest = verified.digest;
        note(args, |lang| {
            say!(
                lang,
                "verified: the scan {id} is what was kept, {chunks}; SHA-256 {digest}",
                "verificado: el escaneo {id} es lo que se guardó, {chunks}; SHA-256 {digest}",
                id = found.id,
                chunks = lang.count(verified.chunks, CHUNK),
                digest = verified.digest
            )
        });
    }
    show(args, &store, found)
}

fn show(args: &ShowArgs, store: &Store, found: Listed) -> Result<Exit> {
    let says = |error| store::says(store, &found, error);
    let replay = Replay::begin(store, found.clone()).map_err(says)?;
    if !replay.has_ended() {
        let until = crate::kept::moment(found.written);
        let until = until.map_or_else(String::new, |until| format!("{until:.0}"));
        note(args, |lang| {
            say!(
                lang,
                "the scan {id} has not ended: it runs, or its process was killed; this is what was kept until {until}",
                "el escaneo {id} no ha terminado: sigue en marcha, o se mató su proceso; esto es lo guardado hasta {until}",
                id = found.id,
                until = until
            )
        });
    }
    let earlier = earlier::read(&args.reports, &args.kept)?;
    let outputs = Outputs::open(&args.reports, scan::style(args.look.color), earlier)?;
    let mut telling = Telling {
        outputs,
        lang: language(args.reports.lang),
        failed: false,
    };
    telling.outputs.begin(replay.header());
    let trailer = replay
        .tell(&mut |finding| telling.outputs.finding(finding))
        .map_err(says);
    // What was told before an error stays told.
    telling.flush();
    let trailer = trailer?;
    telling.outputs.end(&trailer);
    telling.flush();
    Ok(if telling.failed {
        Exit::Error
    } else {
        Exit::Done
    })
}

struct Telling {
    outputs: Outputs,
    lang: Lang,
    failed: bool,
}

impl Telling {
    /// A reader that has gone is no error; the files are written all the same.
    fn flush(&mut self) {
        for failure in &self.outputs.flush().failed {
            self.failed = true;
            message::error(failure.text(self.lang));
        }
    }
}

fn note(args: &ShowArgs, says: impl Fn(Lang) -> String) {
    if !args.quiet {
        let lang = language(args.reports.lang);
        message::note(lang, &says(lang));
    }
}
