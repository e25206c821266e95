//! Any bytes as a certificate: what is kept is bounded, and every text of it leaves by an encoder.
#![no_main]

use libfuzzer_sys::fuzz_target;
use picaporte_identify::tls::{AltName, Chain, Details};

fuzz_target!(|der: &[u8]| {
    let chain = Chain::read([der]);
    assert_eq!(chain.certificates[0].sha256.len(), 64);
    let Some(details) = chain.own() else {
        return;
    };
    assert!(details.subject.len() <= Details::NAME && details.issuer.len() <= Details::NAME);
    assert!(details.names.len() <= Details::NAMES);
    assert!(details.serial.len() <= 128);
    let mut bytes = 0;
    for name in &details.names {
        bytes += match name {
            AltName::Dns(name) => {
                let host = name.as_str().replacen('*', "www", 1);
                assert_eq!(details.matches(&host), Some(true), "{host}");
                name.as_str().len()
            }
            AltName::Address(address) => {
                assert_eq!(details.matches(&address.to_string()), Some(true));
                16
            }
            AltName::Other(other) | AltName::CommonName(other) => {
                assert!(other.len() <= Details::NAME);
                0
            }
        };
    }
    assert!(bytes <= Details::NAMES_BYTES);
    assert!(details.key.to_string().len() <= 256 && details.signature.len() <= 256);
    assert!(!(details.is_expired(i64::MIN) || details.is_not_yet_valid(i64::MAX)));
});
