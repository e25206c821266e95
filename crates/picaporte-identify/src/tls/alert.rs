//! Alerts: how TLS says no.

use std::fmt;

/// An alert by its number (RFC 8446, section 6; the numbers that older versions had are reserved there and mean the same).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Alert(pub u8);

/// From IANA's registry "TLS Alerts".
const NAMES: [(u8, &str); 36] = [
    (0, "close_notify"),
    (10, "unexpected_message"),
    (20, "bad_record_mac"),
    (21, "decryption_failed"),
    (22, "record_overflow"),
    (30, "decompression_failure"),
    (40, "handshake_failure"),
    (41, "no_certificate"),
    (42, "bad_certificate"),
    (43, "unsupported_certificate"),
    (44, "certificate_revoked"),
    (45, "certificate_expired"),
    (46, "certificate_unknown"),
    (47, "illegal_parameter"),
    (48, "unknown_ca"),
    (49, "access_denied"),
    (50, "decode_error"),
    (51, "decrypt_error"),
    (52, "too_many_cids_requested"),
    (60, "export_restriction"),
    (70, "protocol_version"),
    (71, "insufficient_security"),
    (80, "internal_error"),
    (86, "inappropriate_fallback"),
    (90, "user_canceled"),
    (100, "no_renegotiation"),
    (109, "missing_extension"),
    (110, "unsupported_extension"),
    (111, "certificate_unobtainable"),
    (112, "unrecognized_name"),
    (113, "bad_certificate_status_response"),
    (114, "bad_certificate_hash_value"),
    (115, "unknown_psk_identity"),
    (116, "certificate_required"),
    (120, "no_application_protocol"),
    (121, "ech_required"),
];

impl Alert {
    /// The version that was offered is not supported.
    pub const PROTOCOL_VERSION: Self = Self(70);
    /// None of the protocols that ALPN offered is spoken: ask again, with others or with none.
    pub const NO_APPLICATION_PROTOCOL: Self = Self(120);
    /// A certificate of the client is needed.
    pub const CERTIFICATE_REQUIRED: Self = Self(116);

    /// Whether it may be about what was offered: the version, and what comes with it. Others are about a name, a certificate, who asks.
    ///
    /// `unexpected_message`, `handshake_failure`, `illegal_parameter`, `decode_error`, `protocol_version`, `insufficient_security` and
    /// `internal_error`, by which OpenSSL says that it has no cipher for an old version.
    pub(super) fn is_about_offer(self) -> bool {
        matches!(self.0, 10 | 40 | 47 | 50 | 70 | 71 | 80)
    }

    /// Its name in IANA's registry.
    pub fn name(self) -> Option<&'static str> {
        let known = NAMES.iter().find(|(number, _)| *number == self.0);
        known.map(|(_, name)| *name)
    }
}

/// Its name and number: `handshake_failure (40)`.
impl fmt::Display for Alert {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.name() {
            Some(name) => write!(f, "{name} ({})", self.0),
            None => write!(f, "alert {}", self.0),
        }
    }
}
