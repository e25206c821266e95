//! Ports on which something else listens than before are counted where the page counts changes.

use super::*;
use crate::report::tests::services::sample as asked;

/// The lines of the scan itself, in which each of these words was another.
fn before(other: &[(&str, &str)]) -> Arc<Earlier> {
    let lines = lines(&asked(States::OPEN));
    let other = other
        .iter()
        .fold(lines, |lines, (now, before)| lines.replace(now, before));
    earlier(&other)
}

#[test]
fn ports_with_another_service_are_counted_in_the_head_and_in_the_table() {
    let other = [
        ("9.2p1", "8.4p1"),
        ("TLS 1.0", "TLS 9"),
        ("\"nginx\"", "\"lighttpd\""),
    ];
    for (lang, head, row) in [
        (
            Lang::En,
            "that can't be compared: 0; other service: 2.",
            "other serviceOpen before and now; something else listens there, or its certificate is another.\n2\n1\n",
        ),
        (
            Lang::Es,
            "que no se pueden comparar: 0; otro servicio: 2.",
            "otro servicioAbiertos antes y ahora; allí escucha otra cosa, o su certificado es otro.\n2\n1\n",
        ),
    ] {
        let page = page_since(&asked(States::OPEN), lang, before(&other));
        assert!(read(&page).contains(head), "{}", read(&page));
        assert!(told(&page).contains(row), "{}", told(&page));
    }
}

#[test]
fn another_certificate_is_another_service() {
    // Three ports show it.
    let other = [("abababab", "badbadba")];
    let page = page_since(&asked(States::OPEN), Lang::En, before(&other));
    assert!(
        read(&page).contains("; other service: 3."),
        "{}",
        read(&page)
    );
    assert!(
        told(&page).contains("certificate is another.\n3\n1\n"),
        "{}",
        told(&page)
    );
}

#[test]
fn where_the_services_are_the_same_none_are_counted() {
    let page = page_since(&asked(States::OPEN), Lang::En, before(&[]));
    let told = told(&page);
    assert!(!told.contains("other service"), "{told}");
    assert!(
        read(&page).contains("that can't be compared: 0."),
        "{}",
        read(&page)
    );
}
