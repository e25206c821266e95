//! Bytes as a data file writes them: text in which a backslash begins an escape.

/// The bytes that a text stands for: `\r`, `\n`, `\t`, `\0`, `\\` and `\xHH` are one byte each, everything else is its UTF-8.
///
/// # Errors
/// What stands behind a backslash and is no escape.
pub(crate) fn unescaped(text: &str) -> Result<Vec<u8>, String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        bytes.extend_from_slice(&rest.as_bytes()[..at]);
        let (byte, after) = escape(&rest[at + 1..])?;
        bytes.push(byte);
        rest = after;
    }
    bytes.extend_from_slice(rest.as_bytes());
    Ok(bytes)
}

/// The byte of an escape without its backslash, and what comes after it.
fn escape(text: &str) -> Result<(u8, &str), String> {
    let mut chars = text.chars();
    let byte = match chars.next() {
        Some('r') => b'\r',
        Some('n') => b'\n',
        Some('t') => b'\t',
        Some('0') => 0,
        Some('\\') => b'\\',
        Some('x') => {
            let digits = text
                .get(1..3)
                .filter(|two| two.bytes().all(|b| b.is_ascii_hexdigit()));
            let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
            let byte = byte
                .ok_or("'\\x' without two hexadecimal digits behind it; write it like '\\x1f'")?;
            return Ok((byte, &text[3..]));
        }
        other => {
            let what = other.map_or(String::new(), String::from);
            return Err(format!(
                "'\\{what}' is no escape (there are: \\r, \\n, \\t, \\0, \\\\, \\xHH)"
            ));
        }
    };
    Ok((byte, chars.as_str()))
}
