//! `--store` and `PICAPORTE_STORE`: in which file scans are kept, if in any. It opens stores; what is in them it does not know.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Result;
use picaporte_store::{Listed, Options, ScanId, Store, StoreError, default_path};

use super::args::KeptIn;
use crate::kept::KeptError;
use crate::words::errors::Spanish as _;

/// What says where scans are kept, where no flag does.
pub(crate) const VARIABLE: &str = "PICAPORTE_STORE";

/// How stores are opened: what is told five times a second is on the disk within one.
pub(crate) fn options() -> Options {
    Options {
        interval: Duration::from_millis(750),
        ..Options::default()
    }
}

/// Where scans are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the file that a user named.
    Named(PathBuf),
    /// In the user's own state directory, as nobody said anything else.
    Usual(PathBuf),
    /// Nowhere, as this flag or variable says.
    Nowhere(&'static str),
}

/// Where scans are kept, as the flag says, or else the variable.
///
/// # Errors
/// One sentence, where the variable is empty, or there is no usual place.
pub(crate) fn place(flag: Option<&Path>) -> Result<Place> {
    choose(flag, &|name| std::env::var_os(name))
}

/// An empty variable is refused: a scan that somebody meant to keep must not be lost, nor land where nobody looks.
fn choose(flag: Option<&Path>, variable: &dyn Fn(&str) -> Option<OsString>) -> Result<Place> {
    let named = |by: &'static str, path: PathBuf| match path.as_os_str() {
        word if word == "none" => Place::Nowhere(by),
        // What SQLite would not take for a file is one here.
        word if word.as_encoded_bytes().starts_with(b":")
            || word.as_encoded_bytes().starts_with(b"file:") =>
        {
            Place::Named(Path::new(".").join(path))
        }
        _ => Place::Named(path),
    };
    match (flag, variable(VARIABLE)) {
        (Some(path), _) if path.as_os_str().is_empty() => {
            refuse!(
                "--store is empty; name a file, or write none",
                "--store está vacío; indique un fichero, o escriba none"
            )
        }
        (Some(path), _) => Ok(named("--store", path.to_owned())),
        (None, Some(path)) if path.is_empty() => {
            refuse!(
                "{variable} is set and empty; name a file in it, write none, or unset it",
                "{variable} está definida y vacía; ponga en ella un fichero o none, o bórrela",
                variable = VARIABLE
            )
        }
        (None, Some(path)) => Ok(named(VARIABLE, path.into())),
        (None, None) => Ok(Place::Usual(default_path(variable)?)),
    }
}

/// Opens the store to read; `None` where no scan was ever kept in the usual place.
///
/// # Errors
/// One sentence: why it can't be read, or that nothing is kept.
pub(crate) fn open(kept: &KeptIn) -> Result<Option<Store>> {
    match place(kept.store.as_deref())? {
        Place::Named(path) => Ok(Some(Store::open(&path, options())?)),
        Place::Usual(path) => match Store::open(&path, options()) {
            Ok(store) => Ok(Some(store)),
            Err(StoreError::Missing { .. }) => Ok(None),
            Err(error) => Err(error.into()),
        },
        Place::Nowhere(by) => refuse!(
            "{by} none: no scan is kept there to read; name the store's file with --store FILE",
            "{by} none: ahí no se guarda ningún escaneo que leer; indique el fichero del almacén con --store FILE",
            by = by
        ),
    }
}

/// The same where a scan is asked for, so that one must be there.
///
/// # Errors
/// As [`open`], and where nothing was ever kept.
pub(crate) fn must_open(kept: &KeptIn) -> Result<Store> {
    let store = open(kept)?;
    store.ok_or_else(|| {
        let nothing = said!(
            "no scan is kept yet; picaporte scan keeps them, or name another file with --store FILE",
            "todavía no hay ningún escaneo guardado; picaporte scan los guarda, o indique otro fichero con --store FILE"
        );
        nothing.into()
    })
}

/// The scan whose name begins like this; without a name, the newest.
///
/// # Errors
/// One sentence: there is none, or more than one.
pub(crate) fn find(store: &Store, wanted: Option<&str>) -> Result<Listed> {
    match wanted {
        Some(wanted) => Ok(store.find(wanted)?),
        None => store.newest()?.ok_or_else(|| {
            let nothing = said!(
                "no scan is kept in the store '{path}' yet; name another file with --store FILE",
                "todavía no hay ningún escaneo en el almacén '{path}'; indique otro fichero con --store FILE",
                path = store.path().display()
            );
            nothing.into()
        }),
    }
}

/// What is wrong with a kept scan, with its name.
pub(crate) fn says(store: &Store, scan: &Listed, error: KeptError) -> anyhow::Error {
    of_scan(store.path(), scan.id, error)
}

fn of_scan(path: &Path, id: ScanId, error: KeptError) -> anyhow::Error {
    let path = path.display();
    match error {
        KeptError::Store(error) => error.into(),
        error if error.is_sound() => {
            let says = said!(
                |lang| "the scan {id} in the store '{path}': {why}",
                "el escaneo {id} del almacén '{path}': {why}",
                id = id,
                path = path,
                why = error.told(lang)
            );
            says.into()
        }
        error => {
            let says = said!(
                |lang| "the scan {id} in the store '{path}': {why}; it is damaged or was altered, see picaporte show --verify",
                "el escaneo {id} del almacén '{path}': {why}; está dañado o se alteró, vea picaporte show --verify",
                id = id,
                path = path,
                why = error.told(lang)
            );
            says.into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(flag: Option<&str>, set: &[(&str, &str)]) -> Result<Place, String> {
        let variable = |name: &str| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        };
        choose(flag.map(Path::new), &variable).map_err(|e| e.to_string())
    }

    #[test]
    fn the_flag_goes_before_the_variable_and_that_before_the_usual_place() {
        let home = ("HOME", "/h");
        let usual = Place::Usual("/h/.local/state/picaporte/picaporte.db".into());
        let file = |path: &str| Ok(Place::Named(path.into()));
        assert_eq!(chosen(None, &[home]), Ok(usual));
        assert_eq!(chosen(None, &[home, (VARIABLE, "v.db")]), file("v.db"));
        assert_eq!(
            chosen(Some("f.db"), &[home, (VARIABLE, "v.db")]),
            file("f.db")
        );
        assert_eq!(chosen(Some("f.db"), &[(VARIABLE, "none")]), file("f.db"));
        assert_eq!(chosen(Some("./none"), &[]), file("./none"));
        assert_eq!(
            chosen(Some("none"), &[(VARIABLE, "v.db")]),
            Ok(Place::Nowhere("--store"))
        );
        assert_eq!(
            chosen(None, &[(VARIABLE, "none")]),
            Ok(Place::Nowhere(VARIABLE))
        );
    }

    #[test]
    fn what_another_version_wrote_is_not_called_damaged() {
        let id = ScanId::parse("01JGFJJZ00000000000000SCAN").unwrap();
        let told = |error| of_scan(Path::new("p.db"), id, error).to_string();
        for error in [
            KeptError::OtherProgress,
            KeptError::OtherNotes,
            KeptError::Format(9),
        ] {
            let told = told(error);
            assert!(!told.contains("damaged"), "{told}");
            assert!(told.contains("use "), "{told}");
        }
        insta::assert_snapshot!(told(KeptError::OtherNotes), @"the scan 01JGFJJZ00000000000000SCAN in the store 'p.db': what was learned of its ports was written by another version of Picaporte; use that version");
        insta::assert_snapshot!(told(KeptError::Notes), @"the scan 01JGFJJZ00000000000000SCAN in the store 'p.db': what was learned of its ports can't be read; it is damaged or was altered, see picaporte show --verify");
    }

    #[test]
    fn what_names_nothing_is_refused() {
        insta::assert_snapshot!(chosen(None, &[(VARIABLE, "")]).unwrap_err(), @"PICAPORTE_STORE is set and empty; name a file in it, write none, or unset it");
        insta::assert_snapshot!(chosen(Some(""), &[]).unwrap_err(), @"--store is empty; name a file, or write none");
        insta::assert_snapshot!(chosen(None, &[]).unwrap_err(), @"there is no place for the store: neither XDG_STATE_HOME nor HOME names an absolute path; name a file with --store FILE, or keep nothing with --store none");
    }
}
