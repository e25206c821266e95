//! What the system says, without its number, and in Spanish what files, sockets and threads meet most often.

use std::io;

use crate::report::Lang;

/// What the system said, without the number that Rust adds.
pub(crate) fn reason(lang: Lang, error: &io::Error) -> String {
    said(lang, &error.to_string())
}

/// The same of its text.
pub(crate) fn said(lang: Lang, text: &str) -> String {
    let english = without_number(text);
    match lang {
        Lang::En => english,
        Lang::Es => spanish(&english).map_or(english, str::to_owned),
    }
}

/// The number of a system's error tells a user nothing that its words don't.
pub(crate) fn without_number(text: &str) -> String {
    let numbered = text.split_once(" (os error ");
    let parts = numbered.and_then(|(said, rest)| Some((said, rest.split_once(')')?)));
    match parts {
        Some((said, (number, after))) if number.bytes().all(|b| b.is_ascii_digit()) => {
            format!("{said}{after}")
        }
        _ => text.to_owned(),
    }
}

/// By the English words of the C libraries (POSIX leaves them open: glibc and musl differ in a few), as Rust asks for no other
/// language.
fn spanish(english: &str) -> Option<&'static str> {
    Some(match english {
        "No such file or directory" => "no existe el fichero o el directorio",
        "Permission denied" => "permiso denegado",
        "Operation not permitted" => "operación no permitida",
        "Is a directory" => "es un directorio",
        "Not a directory" => "una parte de la ruta no es un directorio",
        "File exists" => "el fichero ya existe",
        "No space left on device" => "no queda espacio en el disco",
        "Disk quota exceeded" | "Quota exceeded" => "se superó la cuota de disco",
        "Read-only file system" => "el sistema de ficheros es de solo lectura",
        "File too large" => "el fichero es demasiado grande",
        "File name too long" | "Filename too long" => "el nombre del fichero es demasiado largo",
        "Input/output error" | "I/O error" => "error de entrada o salida",
        "Too many open files" | "No file descriptors available" => "demasiados ficheros abiertos",
        "Cannot allocate memory" | "Out of memory" => "no queda memoria",
        "Resource temporarily unavailable" => "el recurso no está disponible por ahora",
        "Too many levels of symbolic links" | "Symbolic link loop" => {
            "demasiados enlaces simbólicos seguidos"
        }
        "Invalid argument" => "argumento no válido",
        "No such device" => "no existe ese dispositivo",
        "No such device or address" => "no existe ese dispositivo o esa dirección",
        "Broken pipe" => "tubería rota",
        "Cannot assign requested address" | "Address not available" => {
            "esta máquina no tiene esa dirección"
        }
        "Address family not supported by protocol" => {
            "el sistema no admite esa familia de direcciones"
        }
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_files_meet_is_said_in_spanish() {
        // ENOENT, EACCES, ENOTDIR, EISDIR, ENOSPC, EROFS, EMFILE as they are on Linux.
        for number in [2, 13, 20, 21, 28, 30, 24] {
            let error = io::Error::from_raw_os_error(number);
            let (english, spanish) = (reason(Lang::En, &error), reason(Lang::Es, &error));
            assert!(!english.contains("os error"), "{english}");
            assert_ne!(english, spanish);
        }
    }

    #[test]
    fn only_a_number_is_left_out() {
        for text in ["a (os error x) b", "a (os error 13", "a"] {
            assert_eq!(without_number(text), text);
        }
    }

    #[test]
    fn what_is_not_known_is_passed_on_without_its_number() {
        let text = "Numerical argument out of domain (os error 33); more";
        for lang in Lang::ALL {
            assert_eq!(said(lang, text), "Numerical argument out of domain; more");
        }
    }
}
