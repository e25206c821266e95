//! Where the store is, and how its file is made so that only its user can read it: a scan tells much about a network.

use std::ffi::OsString;
use std::fs::{DirBuilder, OpenOptions};
use std::path::{Path, PathBuf};

use crate::error::StoreError;

/// The file for the scans of one user: `picaporte/picaporte.db` in `$XDG_STATE_HOME`, or in `~/.local/state` (XDG Base
/// Directory Specification 0.8). `variable` looks up the environment; what is not an absolute path counts as not set, as the
/// specification demands.
///
/// # Errors
/// [`StoreError::NoPlace`] when neither `XDG_STATE_HOME` nor `HOME` is set.
pub fn default_path(variable: impl Fn(&str) -> Option<OsString>) -> Result<PathBuf, StoreError> {
    let absolute = |name| {
        variable(name)
            .map(PathBuf::from)
            .filter(|p| p.is_absolute())
    };
    let state = absolute("XDG_STATE_HOME")
        .or_else(|| absolute("HOME").map(|home| home.join(".local/state")))
        .ok_or(StoreError::NoPlace)?;
    Ok(state.join("picaporte/picaporte.db"))
}

/// Makes the file, and the directories it needs, unless they are there: 0600 and 0700.
pub(crate) fn make(path: &Path) -> Result<(), StoreError> {
    if let Some(parent) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        let made = directory_builder().create(parent);
        made.map_err(|error| not_made(parent, &error))?;
    }
    match file_options().open(path) {
        Ok(_) => Ok(()),
        Err(_) if path.exists() => Ok(()),
        Err(error) => Err(not_made(path, &error)),
    }
}

/// Which file the path leads to: its device and number, where the system has such. Two that differ are two files.
pub(crate) fn identity(path: &Path) -> Option<(u64, u64)> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let file = std::fs::metadata(path).ok()?;
        Some((file.dev(), file.ino()))
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

fn not_made(path: &Path, error: &std::io::Error) -> StoreError {
    StoreError::NotMade {
        path: path.to_owned(),
        reason: error.to_string(),
    }
}

fn directory_builder() -> DirBuilder {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder
}

fn file_options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(set: &[(&str, &str)]) -> Result<PathBuf, StoreError> {
        default_path(|name| {
            let found = set.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| OsString::from(value))
        })
    }

    #[test]
    fn the_place_is_the_users_state_directory() {
        for (set, expected) in [
            (
                &[("XDG_STATE_HOME", "/s"), ("HOME", "/h")][..],
                "/s/picaporte/picaporte.db",
            ),
            (&[("HOME", "/h")], "/h/.local/state/picaporte/picaporte.db"),
            (
                &[("XDG_STATE_HOME", "s"), ("HOME", "/h")],
                "/h/.local/state/picaporte/picaporte.db",
            ),
            (
                &[("XDG_STATE_HOME", ""), ("HOME", "/h")],
                "/h/.local/state/picaporte/picaporte.db",
            ),
        ] {
            assert_eq!(path(set), Ok(PathBuf::from(expected)));
        }
        assert_eq!(path(&[("HOME", "h")]), Err(StoreError::NoPlace));
    }

    #[cfg(unix)]
    #[test]
    fn only_the_user_can_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a/b/store.db");
        make(&file).unwrap();
        std::fs::write(&file, "kept").unwrap();
        make(&file).unwrap();
        assert_eq!(std::fs::read(&file).unwrap(), b"kept");
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&file), 0o600);
        assert_eq!(mode(file.parent().unwrap()), 0o700);
        assert_eq!(mode(file.parent().unwrap().parent().unwrap()), 0o700);
    }

    #[test]
    fn a_file_in_the_way_of_a_directory_is_told() {
        let root = tempfile::tempdir().unwrap();
        let file = root.path().join("a");
        std::fs::write(&file, "").unwrap();
        let error = make(&file.join("b/store.db")).unwrap_err();
        assert!(matches!(&error, StoreError::NotMade { .. }), "{error}");
    }
}
