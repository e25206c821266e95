//! Files that people name, read without waiting for ever and without end: a FIFO keeps whoever opens it waiting, a device
//! may have no end.

use std::fs::File;
use std::io::{self, Read as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use nix::fcntl::OFlag;

/// Opens a file without waiting for somebody at its other end.
///
/// # Errors
/// When it can't be opened.
pub fn open_at_once(file: &Path) -> io::Result<File> {
    File::options()
        .read(true)
        .custom_flags(OFlag::O_NONBLOCK.bits())
        .open(file)
}

/// Opens a regular file.
///
/// # Errors
/// When it can't be opened, or is a folder, a device, a FIFO or a socket.
pub fn open_regular(file: &Path) -> io::Result<File> {
    let opened = open_at_once(file)?;
    if opened.metadata()?.is_file() {
        return Ok(opened);
    }
    Err(io::Error::new(
        io::ErrorKind::InvalidInput,
        "is no regular file",
    ))
}

/// The text of a regular file of at most `most` bytes.
///
/// # Errors
/// Those of [`open_regular`]; and when it is longer, or no UTF-8.
pub fn read_text(file: &Path, most: u64) -> io::Result<String> {
    let mut text = String::new();
    let read = open_regular(file)?
        .take(most + 1)
        .read_to_string(&mut text)?;
    if read as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("is longer than {most} bytes, the most that is read"),
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use nix::sys::stat::Mode;
    use nix::unistd::mkfifo;
    use std::fs;

    #[test]
    fn only_regular_files_of_a_bounded_length_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("file");
        let said = |file: &Path| read_text(file, 4).map_err(|error| error.to_string());
        fs::write(&file, "1234").unwrap();
        assert_eq!(said(&file), Ok("1234".to_owned()));
        fs::write(&file, "12345").unwrap();
        let long = "is longer than 4 bytes, the most that is read";
        assert_eq!(said(&file), Err(long.to_owned()));
        let fifo = folder.path().join("fifo");
        mkfifo(&fifo, Mode::S_IRWXU).unwrap();
        for other in [&*fifo, Path::new("/dev/zero"), folder.path()] {
            assert_eq!(said(other), Err("is no regular file".to_owned()));
        }
    }
}
