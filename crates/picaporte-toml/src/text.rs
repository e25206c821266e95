//! The text of a file, and what may stand in it whatever the file is about.

use std::net::IpAddr;

use picaporte_core::target::AddressRange;
use toml::Spanned;

use crate::mistake;
use crate::mistake::Text;
use crate::wrong::{At, Checked, Wrong, position};

/// The longest text for people, in characters.
pub const LONGEST: usize = 500;

/// The text of a file of at most `most` bytes, without the byte order mark that some editors write. `shorter` says how to
/// write less.
///
/// # Errors
/// When there is more of it, or it is no UTF-8.
pub fn text<'a>(bytes: &'a [u8], most: u64, shorter: &Text) -> Result<&'a str, Wrong> {
    if bytes.len() as u64 > most {
        return Err(Wrong {
            line: 0,
            column: 0,
            what: mistake!(
                shorter => "the file is larger than {most} bytes; {shorter}",
                "el fichero pasa de {most} bytes; {shorter}",
                most = most
            )
            .into(),
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let valid = error.valid_up_to();
        let before = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
        let (line, column) = position(before, valid);
        Wrong {
            line,
            column,
            what: mistake!(
                "no UTF-8 from here on; save the file as UTF-8",
                "desde aquí no es UTF-8; guarde el fichero en UTF-8"
            )
            .into(),
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').unwrap_or(text))
}

/// A text that people read, without blanks around it.
///
/// # Errors
/// When it is empty, or longer than [`LONGEST`].
pub fn words(key: &str, text: Option<&Spanned<String>>) -> Checked<Option<String>> {
    let Some(text) = text else { return Ok(None) };
    let words = text.get_ref().trim();
    if words.is_empty() {
        let what = mistake!(
            "'{key}' is empty; write a name or a number, or leave it out",
            "'{key}' está vacío; escriba un nombre o un número, o quítelo",
            key = key
        );
        return Err(At::place(text, what));
    }
    if words.chars().count() > LONGEST {
        let what = mistake!(
            "'{key}' is longer than {longest} characters; write it shorter",
            "'{key}' pasa de {longest} caracteres; acórtelo",
            key = key,
            longest = LONGEST
        );
        return Err(At::place(text, what));
    }
    Ok(Some(words.to_owned()))
}

/// Both things that a prefix with bits beyond it may mean; `None` where there are no such bits.
pub fn beyond_prefix(text: &str, ranges: &[AddressRange]) -> Option<Text> {
    let (written, length) = text.split_once('/')?;
    let first = ranges.first()?.nth(0);
    let bare = written.split('%').next().unwrap_or(written);
    let written = bare.parse::<IpAddr>().ok()?;
    let first = match first.ip {
        IpAddr::V4(ip) if written.is_ipv6() => IpAddr::V6(ip.to_ipv6_mapped()),
        ip => ip,
    };
    (written != first).then(|| {
        mistake!(
            "{first}/{length} or {bare}",
            "{first}/{length} o {bare}",
            first = first,
            length = length,
            bare = bare
        )
    })
}

/// That a prefix has bits beyond it, and what it may mean.
pub fn beyond(text: &str, meant: &Text) -> Text {
    mistake!(
        meant => "'{text}' has bits beyond its prefix, so that it is not clear what is meant; write {meant}",
        "'{text}' tiene bits fuera de su prefijo, así que no está claro qué quiere decir; escriba {meant}",
        text = text
    )
}
