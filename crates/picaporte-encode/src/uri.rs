//! The reference of a URI, for files that a report points to.

use std::fmt::Write as _;

/// A path as the reference of a URI (RFC 3986): everything but its unreserved characters is written by its number, and the
/// slashes between names stay. One that begins with a slash is a file of this machine.
pub fn uri(path: &str) -> String {
    let mut uri = String::from(if path.starts_with('/') { "file://" } else { "" });
    for byte in path.strip_prefix("./").unwrap_or(path).bytes() {
        match byte {
            b'/' | b'-' | b'.' | b'_' | b'~' => uri.push(byte.into()),
            _ if byte.is_ascii_alphanumeric() => uri.push(byte.into()),
            // Writing to a String cannot fail.
            _ => {
                let _ = write!(uri, "%{byte:02X}");
            }
        }
    }
    uri
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_a_reference() {
        for (path, is) in [
            ("policy.toml", "policy.toml"),
            ("./net/a b.toml", "net/a%20b.toml"),
            ("/etc/ñ.toml", "file:///etc/%C3%B1.toml"),
            ("http:x", "http%3Ax"),
        ] {
            assert_eq!(uri(path), is);
        }
    }
}
