//! Pieces of a line.

use picaporte_toml::{Text, mistake};

/// The first word, and what stands behind it and its white space.
pub(super) fn word(line: &[u8]) -> (&[u8], &[u8]) {
    let end = line
        .iter()
        .position(u8::is_ascii_whitespace)
        .unwrap_or(line.len());
    let (word, rest) = line.split_at(end);
    (word, rest.trim_ascii_start())
}

/// What stands between a delimiter, which is the first byte, and its next like; and what stands behind that.
pub(super) fn delimited(text: &[u8]) -> Result<(&[u8], &[u8]), Text> {
    let (&delimiter, rest) = text.split_first().ok_or_else(|| {
        mistake!(
            "a delimiter is missing, as in q|…| or m/…/",
            "falta un delimitador, como en q|…| o m/…/"
        )
    })?;
    if delimiter.is_ascii_alphanumeric() || delimiter.is_ascii_whitespace() {
        return Err(mistake!(
            "the delimiter is a letter, a digit or a space; use another, as in q|…| or m/…/",
            "el delimitador es una letra, una cifra o un espacio; use otro, como en q|…| o m/…/"
        ));
    }
    let end = rest.iter().position(|&byte| byte == delimiter);
    let end = end.ok_or_else(|| {
        mistake!(
            "the delimiter that begins a text does not end it",
            "el delimitador que abre un texto no lo cierra"
        )
    })?;
    Ok((&rest[..end], &rest[end + 1..]))
}

/// The letters at the beginning, and what stands behind them.
pub(super) fn letters(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_alphabetic());
    text.split_at(end.unwrap_or(text.len()))
}

/// A number within bounds.
pub(super) fn number(text: &[u8], least: u32, most: u32) -> Option<u32> {
    let text = std::str::from_utf8(text.trim_ascii()).ok()?;
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|_| digits)?;
    (least..=most).contains(&number).then_some(number)
}

/// The bytes of a probe's text: escapes of C, `\xHH` among them.
pub(super) fn unescaped(text: &[u8]) -> Result<Vec<u8>, Text> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((&first, behind)) = rest.split_first() {
        rest = behind;
        if first != b'\\' {
            bytes.push(first);
            continue;
        }
        let (&letter, behind) = rest.split_first().ok_or_else(|| {
            mistake!(
                "a backslash at the end of a probe's text",
                "una barra invertida al final del texto de una sonda"
            )
        })?;
        rest = behind;
        bytes.push(match letter {
            b'\\' => b'\\',
            b'0' => 0,
            b'a' => 0x07,
            b'b' => 0x08,
            b'f' => 0x0c,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'v' => 0x0b,
            b'x' => {
                let (byte, behind) = hexadecimal(rest).ok_or_else(|| {
                    mistake!(
                        "an \\x without two hexadecimal digits in a probe's text",
                        "un \\x sin dos cifras hexadecimales en el texto de una sonda"
                    )
                })?;
                rest = behind;
                byte
            }
            _ => {
                return Err(mistake!(
                    "an escape in a probe's text that is none of \\\\ \\0 \\a \\b \\f \\n \\r \\t \\v \\xHH",
                    "un escape en el texto de una sonda que no es ninguno de \\\\ \\0 \\a \\b \\f \\n \\r \\t \\v \\xHH"
                ));
            }
        });
    }
    Ok(bytes)
}

fn hexadecimal(text: &[u8]) -> Option<(u8, &[u8])> {
    let [high, low, behind @ ..] = text else {
        return None;
    };
    let digit = |byte: &u8| char::from(*byte).to_digit(16);
    let byte = digit(high)? * 16 + digit(low)?;
    Some((byte as u8, behind))
}
