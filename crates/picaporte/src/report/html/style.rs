//! The page's one style sheet, and the policy that lets it apply and nothing else: no script, no picture, no request.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// What stands in the one `<style>`, byte for byte.
pub(super) const STYLE: &str = include_str!("style.css");

/// The Content-Security-Policy (CSP Level 3): whatever is not the style sheet of this digest is refused. It says that nothing
/// is sent and no address changed, too, as `default-src` does not cover these.
pub(super) fn policy() -> String {
    let digest = STANDARD.encode(Sha256::digest(STYLE));
    format!("default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_browser_sees_the_style_sheet_as_it_is_hashed() {
        // A parser would change these before the digest is taken (HTML, section 13.2.3.5), or end the element.
        assert!(!STYLE.contains(['\r', '\0']) && !STYLE.contains("</") && !STYLE.contains("url("));
    }
}
