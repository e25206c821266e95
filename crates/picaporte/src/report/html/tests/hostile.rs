//! Text from outside is text, whatever it holds.

use proptest::prelude::*;

use super::*;
use crate::report::Header;
use crate::report::tests::acts;
use picaporte_core::Plan;

/// A page in which this text stands wherever text from outside can stand.
fn with(word: &str) -> String {
    let address = sample::address("fe80::7%2");
    let mut plan = Plan::builder(PortSet::from_ports([22]));
    // What may stand in a name is for others to say; here anything may.
    plan.name(word, &[address], None).unwrap();
    plan.name(word, &[], None).unwrap();
    let mut header = sample::header(plan.build().unwrap());
    header.zones.insert(2, word.to_owned());
    header.args = vec![word.to_owned()];
    let from = header.from.as_mut().unwrap();
    (from.user, from.machine) = (word.to_owned(), word.to_owned());
    page(&of(header), Lang::En)
}

fn of(header: Header) -> Sample {
    let address = sample::address("fe80::7%2");
    let mut verdict = sample::verdict(address, 22, Reason::AdminProhibited, 1);
    verdict.evidence.icmp = Some(picaporte_core::Icmp {
        v6: true,
        kind: 1,
        code: 1,
        from: Some(address),
    });
    let trailer = sample::interrupted(States::ALL).trailer;
    Sample {
        header,
        findings: vec![Finding::Port(verdict), sample::host(&[verdict])],
        trailer,
    }
}

/// The page's elements and the names of their attributes.
fn skeleton(page: &str) -> Vec<(String, Vec<String>)> {
    let names = |attributes: Vec<(String, String)>| attributes.into_iter().map(|(name, _)| name);
    let all = elements(page).into_iter();
    all.map(|(element, attributes)| (element, names(attributes).collect()))
        .collect()
}

/// A page of a text has the elements of one of an ordinary text, nothing in it acts, and what is to be shown of the text is all there.
pub(super) fn is_text_of(page: &str, ordinary: &str, shown: &str) -> Result<(), TestCaseError> {
    prop_assert_eq!(skeleton(page), skeleton(ordinary));
    prop_assert!(!acts(page, Format::Html));
    let comment = tokens(page)
        .iter()
        .any(|token| matches!(token, Token::Comment(_)));
    prop_assert!(!comment);
    prop_assert!(read(page).contains(shown), "{}", read(page));
    Ok(())
}

fn is_only_text(word: &str) -> Result<(), TestCaseError> {
    let shown = encode::terminal(word);
    is_text_of(&with(word), &with("plain"), shown.trim_matches('\n'))
}

#[test]
fn what_would_be_markup_is_text() {
    for word in [
        "<script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "' style='color:red",
        "</td></tr></table></section></main>",
        "</style><style>*{display:none}",
        "</title><base href=//x>",
        "<!--",
        "-->",
        "<![CDATA[",
        "&lt;b&gt;&#60;",
        "<svg/onload=alert(1)>",
        "{0}{1}",
        "\u{202e}\u{0}\u{1b}[2J\r\n",
    ] {
        is_only_text(word).unwrap();
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn no_text_is_an_element_or_an_attribute(word in "\\PC{1,40}|[<>&\"'=/! a-z-]{1,40}|(?s:.{1,20})") {
        is_only_text(&word)?;
    }
}
