//! `--scope` and `PICAPORTE_SCOPE`: which file, read once and bounded, what it says held against the calendar, and the flags
//! that it lowers. It resolves nothing; names are pinned in [`planning`](super::planning).

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Result;
use jiff::Timestamp;
use picaporte_core::pace::Pace;
use picaporte_core::target::Lookup;

use super::files::small;
use super::message;
use crate::report::{Lowered, Scoped};
use crate::scope::{MOST_BYTES, ScopeFile, Wrong};
use crate::words::errors::Spanish as _;
use crate::words::said::Said;

/// What sets a scope where no flag does.
pub(crate) const VARIABLE: &str = "PICAPORTE_SCOPE";

/// A scope that was set: which file, by what, and what it says.
#[derive(Clone, Debug)]
pub(crate) struct Given {
    /// The flag or the variable, and the file as it was written.
    place: String,
    path: PathBuf,
    /// What is kept of it beside the scan.
    pub(crate) text: Arc<str>,
    pub(crate) file: Arc<ScopeFile>,
}

/// Reads the file that the flag names, or else [`VARIABLE`]; `None` where neither does.
///
/// # Errors
/// One sentence that names the flag or variable, the file, the line and the column.
pub(crate) fn given(
    flag: Option<&Path>,
    variable: Option<OsString>,
    lookup: &dyn Lookup,
) -> Result<Option<Given>> {
    match source(flag, variable)? {
        None => Ok(None),
        Some((by, path)) => read(by, path, lookup).map(Some),
    }
}

/// An empty variable is refused: whoever set it meant a file, and a scope that is lost must not become a scan without one.
fn source(
    flag: Option<&Path>,
    variable: Option<OsString>,
) -> Result<Option<(&'static str, PathBuf)>> {
    match (flag, variable) {
        (Some(path), _) => Ok(Some(("--scope", path.to_owned()))),
        (None, Some(path)) if path.is_empty() => {
            refuse!(
                "{variable} is set and empty; name a scope file in it, or unset it",
                "{variable} está definida y vacía; ponga en ella un fichero de alcance, o bórrela",
                variable = VARIABLE
            )
        }
        (None, Some(path)) => Ok(Some((VARIABLE, path.into()))),
        (None, None) => Ok(None),
    }
}

fn read(by: &'static str, path: PathBuf, lookup: &dyn Lookup) -> Result<Given> {
    let place = format!("{by} '{}'", path.display());
    let what = said!("scope", "el alcance");
    let bytes = small(&path, MOST_BYTES, &what).map_err(|why| after(&place, &why))?;
    let file = ScopeFile::parse(&bytes, lookup).map_err(|wrong| at(&place, &wrong))?;
    holds_now(&file, Timestamp::now()).map_err(|why| after(&place, &why))?;
    Ok(Given {
        place,
        path,
        // What is not text was refused.
        text: String::from_utf8_lossy(&bytes).into(),
        file: Arc::new(file),
    })
}

/// What is wrong after its file.
pub(crate) fn at(place: &str, wrong: &Wrong) -> Said {
    Said::new(|lang| match wrong.line {
        0 => format!("{place}: {}", wrong.told(lang)),
        _ => format!("{place}, {}", wrong.told(lang)),
    })
}

/// What is to be said after the name of a file.
pub(crate) fn after(place: &str, why: &Said) -> Said {
    Said::new(|lang| format!("{place} {}", why.text(lang)))
}

fn holds_now(file: &ScopeFile, now: Timestamp) -> Result<(), Said> {
    if let Some(from) = file.valid_from.filter(|&from| now < from) {
        refuse!(
            "does not hold before {from} (valid_from), and it is {now}; scan then, or have it allowed for now",
            "no vale antes de {from} (valid_from), y ahora es {now}; escanee entonces, o haga que se permita ahora",
            from = from,
            now = format!("{now:.0}")
        );
    }
    if let Some(until) = file.valid_until.filter(|&until| now >= until) {
        refuse!(
            "held until {until} (valid_until), and it is {now}; have the scan allowed again",
            "valió hasta {until} (valid_until), y ahora es {now}; haga que se permita de nuevo el escaneo",
            until = until,
            now = format!("{now:.0}")
        );
    }
    Ok(())
}

impl Given {
    /// What the user is told once.
    pub(crate) fn warnings(&self) -> Vec<Said> {
        let warnings = self.file.warnings.iter();
        warnings.map(|wrong| at(&self.place, wrong)).collect()
    }

    /// A message about it.
    pub(crate) fn says(&self, what: &Said) -> Said {
        Said::new(|lang| format!("{}: {}", self.place, what.text(lang)))
    }

    /// What reports tell of it; `asked` are the caps of the flags.
    pub(crate) fn told(&self, asked: Pace) -> Scoped {
        Scoped {
            path: message::line(&self.path.display().to_string()),
            file: self.file.clone(),
            lowered: lowered(asked, self.file.limits.lower(asked)),
        }
    }
}

/// The caps that the scope lowers.
fn lowered(asked: Pace, allowed: Pace) -> Vec<Lowered> {
    let some = |cap: u32| Some(cap);
    let caps = [
        ("rate", asked.rate, allowed.rate),
        ("host_rate", asked.host_rate, allowed.host_rate),
        (
            "max_inflight",
            some(asked.max_inflight),
            some(allowed.max_inflight),
        ),
        (
            "host_inflight",
            some(asked.host_inflight),
            some(allowed.host_inflight),
        ),
    ];
    let lowered = caps
        .into_iter()
        .filter(|(_, asked, allowed)| asked != allowed);
    lowered
        .filter_map(|(limit, asked, allowed)| {
            Some(Lowered {
                limit,
                asked,
                allowed: allowed?,
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use picaporte_core::target::NoLookup;

    use super::*;

    fn file(text: &str) -> tempfile::NamedTempFile {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        file
    }

    fn refused(path: &Path) -> String {
        let error = read("--scope", path.to_owned(), &NoLookup).unwrap_err();
        error
            .to_string()
            .replace(&path.display().to_string(), "FILE")
    }

    #[test]
    fn a_flag_goes_before_the_variable_and_an_empty_variable_is_refused() {
        let by = |flag: Option<&str>, variable: Option<&str>| {
            source(flag.map(Path::new), variable.map(OsString::from)).map_err(|e| e.to_string())
        };
        assert_eq!(by(None, None), Ok(None));
        assert_eq!(by(Some("a"), Some("")), Ok(Some(("--scope", "a".into()))));
        assert_eq!(by(Some("a"), Some("b")), Ok(Some(("--scope", "a".into()))));
        assert_eq!(by(None, Some("b")), Ok(Some((VARIABLE, "b".into()))));
        insta::assert_snapshot!(by(None, Some("")).unwrap_err(), @"PICAPORTE_SCOPE is set and empty; name a scope file in it, or unset it");
    }

    #[test]
    fn only_a_regular_file_of_a_bounded_length_is_read() {
        insta::assert_snapshot!(refused(Path::new("/no/such/file")), @"--scope 'FILE' can't be read: No such file or directory");
        insta::assert_snapshot!(refused(Path::new("/dev/zero")), @"--scope 'FILE' is no regular file; write the scope into a file");
        insta::assert_snapshot!(refused(Path::new("/")), @"--scope 'FILE' is no regular file; write the scope into a file");
        let long = file(&"#".repeat(MOST_BYTES as usize + 1));
        insta::assert_snapshot!(refused(long.path()), @"--scope 'FILE': the file is larger than 1048576 bytes; write networks as prefixes");
        let longest = file(&format!(
            "[allowed]\nnetworks = ['192.0.2.1']\n{}",
            "#".repeat(MOST_BYTES as usize - 37)
        ));
        assert!(read("--scope", longest.path().to_owned(), &NoLookup).is_ok());
    }

    #[test]
    fn what_is_wrong_is_told_with_file_line_and_column() {
        let wrong = file("[allowed]\nnetworks = ['192.0.2.0/24', '192.0.2.7/24']\n");
        insta::assert_snapshot!(refused(wrong.path()), @"--scope 'FILE', line 2, column 29: '192.0.2.7/24' has bits beyond its prefix, so that it is not clear what is meant; write 192.0.2.0/24 or 192.0.2.7");
    }

    #[test]
    fn a_scope_holds_from_its_beginning_to_its_end() {
        let text = b"valid_from = 2026-01-01T00:00:00Z\nvalid_until = 2026-02-01T01:00:00+01:00\n[allowed]\nnames = ['a.test']\n";
        let file = ScopeFile::parse(text, &NoLookup).unwrap();
        let says = |now: &str| holds_now(&file, now.parse().unwrap()).map_err(|e| e.to_string());
        insta::assert_snapshot!(says("2025-12-31T23:59:59.9Z").unwrap_err(), @"does not hold before 2026-01-01T00:00:00Z (valid_from), and it is 2025-12-31T23:59:59Z; scan then, or have it allowed for now");
        insta::assert_snapshot!(says("2026-02-01T00:00:00Z").unwrap_err(), @"held until 2026-02-01T00:00:00Z (valid_until), and it is 2026-02-01T00:00:00Z; have the scan allowed again");
        for now in ["2026-01-01T00:00:00Z", "2026-01-31T23:59:59.9Z"] {
            assert_eq!(says(now), Ok(()));
        }
    }

    #[test]
    fn only_caps_that_are_lowered_are_told() {
        let file = file(
            "[allowed]\nnames = ['a.test']\n[limits]\nrate = 300\nmax_inflight = 30000\nhost_inflight = 5\n",
        );
        let given = read("--scope", file.path().to_owned(), &NoLookup).unwrap();
        let told = |pace| {
            let lowered = given.told(pace).lowered.into_iter();
            lowered
                .map(|l| (l.limit, l.asked, l.allowed))
                .collect::<Vec<_>>()
        };
        assert_eq!(
            told(Pace::NORMAL),
            [("rate", None, 300), ("host_inflight", Some(20_000), 5)]
        );
        assert_eq!(told(Pace::GENTLE), [("host_inflight", Some(16), 5)]);
    }
}
