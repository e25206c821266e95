//! The page's one style sheet, and the policy that lets it apply and nothing else: no script, no picture, no request.

use sha2::{Digest as _, Sha256};

/// What stands in the one `<style>`, byte for byte.
pub(super) const STYLE: &str = include_str!("style.css");

/// The Content-Security-Policy (CSP Level 3): whatever is not the style sheet of this digest is refused. It says that nothing
/// is sent and no address changed, too, as `default-src` does not cover these.
pub(super) fn policy() -> String {
    let digest = base64(&Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

/// Base 64 with padding (RFC 4648, section 4).
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let mut bits = 0;
        for i in 0..3 {
            bits = bits << 8 | u32::from(group.get(i).copied().unwrap_or(0));
        }
        for i in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * i) & 63) as usize];
            text.push(if i <= group.len() { letter.into() } else { '=' });
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_that_of_the_rfc() {
        let texts = ["", "f", "fo", "foo", "foob", "fooba", "foobar"];
        let shown = texts.map(|text| base64(text.as_bytes()));
        assert_eq!(
            shown.join(" "),
            " Zg== Zm8= Zm9v Zm9vYg== Zm9vYmE= Zm9vYmFy"
        );
    }

    #[test]
    fn a_browser_sees_the_style_sheet_as_it_is_hashed() {
        // A parser would change these before the digest is taken (HTML, section 13.2.3.5), or end the element.
        assert!(!STYLE.contains(['\r', '\0']) && !STYLE.contains("</") && !STYLE.contains("url("));
    }
}
