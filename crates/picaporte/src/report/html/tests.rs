//! The page as bytes, and as a parser of its own (html5gum) sees it.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use html5gum::{Token, Tokenizer};
use picaporte_core::verdict::States;
use picaporte_core::{PortSet, Reason};
use picaporte_engine::Finding;
use sha2::{Digest as _, Sha256};

use super::super::tests::sample::{self, Sample};
use super::super::tests::{rendered, scope};
use super::super::{Format, Lang, Report, Style, encode, report};
use super::{SLOTS, style};

mod bounds;
mod hostile;
mod located;
mod services;
mod since;

fn in_lang(lang: Lang) -> Box<dyn Report> {
    let style = Style {
        lang,
        ..Style::default()
    };
    report(Format::Html, style)
}

fn page(sample: &Sample, lang: Lang) -> String {
    rendered(sample, in_lang(lang))
}

fn tokens(page: &str) -> Vec<Token> {
    Tokenizer::new(page).map(Result::unwrap).collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// Each element with its attributes.
fn elements(page: &str) -> Vec<(String, Vec<(String, String)>)> {
    let tags = tokens(page).into_iter().filter_map(|token| match token {
        Token::StartTag(tag) => Some(tag),
        _ => None,
    });
    let pairs = |tag: html5gum::StartTag<()>| {
        let attributes = tag.attributes.iter();
        let attributes = attributes.map(|(name, value)| (text(name), text(value)));
        (text(&tag.name), attributes.collect())
    };
    tags.map(pairs).collect()
}

fn values(page: &str, attribute: &str) -> Vec<String> {
    let all = elements(page)
        .into_iter()
        .flat_map(|(_, attributes)| attributes);
    let those = all.filter(|(name, _)| name == attribute);
    those.map(|(_, value)| value).collect()
}

/// What a person reads, a line for each cell and paragraph, in the order of the slots.
fn read(page: &str) -> String {
    let mut sections = vec![String::new(); SLOTS.len()];
    let mut at = None;
    for token in tokens(page) {
        match token {
            Token::StartTag(tag) => {
                let slot = tag
                    .attributes
                    .get(b"slot".as_slice())
                    .map(|slot| text(slot));
                if let Some(slot) = slot {
                    at = SLOTS.iter().position(|name| *name == slot);
                }
            }
            Token::EndTag(tag) => {
                let block = [
                    "h1", "h2", "h3", "p", "td", "th", "dt", "dd", "li", "small", "div",
                ];
                if let Some(at) = at
                    && block.contains(&text(&tag.name).as_str())
                    && !sections[at].ends_with('\n')
                {
                    sections[at].push('\n');
                }
            }
            Token::String(words) => {
                if let Some(at) = at {
                    let _ = write!(sections[at], "{}", text(&words).trim_matches('\n'));
                }
            }
            _ => {}
        }
    }
    sections.concat()
}

#[test]
fn a_page_in_english() {
    let sample = sample::interrupted(States::OPEN);
    let page = page(&sample, Lang::En);
    let page = page
        .replace(style::STYLE, "…")
        .replace(&style::policy(), "…");
    insta::assert_snapshot!(page);
}

#[test]
fn a_page_in_english_as_it_is_read() {
    insta::assert_snapshot!(read(&page(&sample::interrupted(States::ALL), Lang::En)));
}

#[test]
fn a_page_in_spanish_as_it_is_read() {
    insta::assert_snapshot!(read(&page(&sample::interrupted(States::ALL), Lang::Es)));
}

#[test]
fn a_scope_in_english_as_it_is_read() {
    insta::assert_snapshot!(read(&page(&scope::sample(), Lang::En)));
}

#[test]
fn a_scope_in_spanish_as_it_is_read() {
    insta::assert_snapshot!(read(&page(&scope::sample(), Lang::Es)));
}

#[test]
fn nothing_is_left_to_fill_in() {
    for lang in Lang::ALL {
        let page = page(&sample::interrupted(States::ALL), lang);
        assert!(page.contains(&format!("<html lang=\"{}\">", lang.name())));
        let page = page.replace(style::STYLE, "");
        assert!(!page.contains('{') && !page.contains('}'), "{page}");
    }
}

#[test]
fn the_policy_lets_the_one_style_sheet_apply_and_nothing_else() {
    let page = page(&sample::interrupted(States::OPEN), Lang::En);
    let [(_, sheet)] = [page.split_once("<style>").unwrap()];
    let (sheet, rest) = sheet.split_once("</style>").unwrap();
    assert!(!rest.contains("<style"));
    let policies = values(&page, "content");
    let policy = policies
        .iter()
        .find(|value| value.contains("default-src"))
        .unwrap();
    let (_, digest) = policy.split_once("'sha256-").unwrap();
    let (digest, _) = digest.split_once('\'').unwrap();
    assert_eq!(decoded(digest), Sha256::digest(sheet).to_vec());
    let sources: Vec<&str> = policy.split("; ").collect();
    assert_eq!(sources.len(), 4);
    assert!(
        policy.starts_with("default-src 'none'; style-src 'sha256-") && !policy.contains("unsafe")
    );
}

/// Base 64, read bit by bit.
fn decoded(digits: &str) -> Vec<u8> {
    let letters = ('A'..='Z')
        .chain('a'..='z')
        .chain('0'..='9')
        .chain(['+', '/']);
    let letters: Vec<char> = letters.collect();
    let bits = digits
        .chars()
        .filter_map(|c| letters.iter().position(|l| *l == c));
    let bits: Vec<bool> = bits
        .flat_map(|n| (0..6).map(move |i| n >> (5 - i) & 1 == 1))
        .collect();
    let bytes = bits.chunks_exact(8);
    bytes
        .map(|bits| bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit)))
        .collect()
}

#[test]
fn nothing_in_a_page_runs_or_is_fetched() {
    let page = page(&sample::interrupted(States::ALL), Lang::Es);
    for (name, attributes) in elements(&page) {
        let active = [
            "script", "link", "img", "iframe", "object", "embed", "form", "base", "use", "image",
        ];
        assert!(!active.contains(&name.as_str()), "{name}");
        for (attribute, value) in attributes {
            assert!(!attribute.starts_with("on") && attribute != "style" && attribute != "src");
            assert!(attribute != "href" || value.starts_with('#'), "{value}");
        }
    }
}

#[test]
fn every_section_has_its_place_and_every_link_its_end() {
    let page = page(&sample::interrupted(States::ALL), Lang::En);
    let slots: BTreeSet<_> = values(&page, "slot").into_iter().collect();
    // What changed is told where an earlier scan was given.
    let without = SLOTS.iter().filter(|name| **name != "since");
    assert_eq!(slots, without.map(|name| (*name).to_owned()).collect());
    let ids = values(&page, "id");
    let once: BTreeSet<_> = ids.iter().cloned().collect();
    assert_eq!(ids.len(), once.len());
    let links = values(&page, "href");
    assert_eq!(links.len(), 7);
    assert!(links.iter().all(|link| once.contains(&link[1..])));
    for named in values(&page, "aria-labelledby") {
        assert!(once.contains(&named), "{named}");
    }
}

#[test]
fn what_is_opened_is_closed() {
    let page = page(&sample::interrupted(States::ALL), Lang::En);
    let mut open = Vec::new();
    for token in tokens(&page) {
        match token {
            Token::StartTag(tag) if text(&tag.name) != "meta" => open.push(text(&tag.name)),
            Token::EndTag(tag) => assert_eq!(open.pop(), Some(text(&tag.name))),
            Token::Error(error) => panic!("{error:?}"),
            _ => {}
        }
    }
    assert!(open.is_empty());
}

#[test]
fn the_totals_are_those_of_the_account() {
    let sample = sample::interrupted(States::OPEN);
    let page = read(&page(&sample, Lang::En));
    let tally = &sample.trailer.account.tally;
    let (planned, tested) = (tally.planned, tally.counts.tested());
    let sum = format!(
        "{planned} planned = {tested} tested + {} untested",
        planned - tested
    );
    assert!(page.contains(&sum), "{page}");
}

#[test]
fn counts_that_do_not_add_up_are_called_a_fault() {
    let mut sample = sample::interrupted(States::OPEN);
    assert!(!page(&sample, Lang::En).contains("FAULT"));
    sample.trailer.account.tally.planned += 1;
    assert!(page(&sample, Lang::En).contains("FAULT"));
}

#[test]
fn a_page_that_was_cut_off_says_so() {
    let sample = sample::interrupted(States::OPEN);
    let mut report = in_lang(Lang::En);
    let mut out = Vec::new();
    report.begin(&sample.header, &mut out);
    let cut = text(&out);
    // The style sheet hides the sentence once two more elements follow its neighbour.
    assert!(style::STYLE.contains(".cut:nth-last-child(n+3){display:none}"));
    let (_, after) = cut.split_once("<p class=\"cut\"").unwrap();
    assert_eq!(after.matches("slot=").count(), 2);
    let whole = page(&sample, Lang::En);
    let (_, after) = whole.split_once("<p class=\"cut\"").unwrap();
    assert!(after.matches("<section slot=").count() > 2);
}

#[test]
fn what_was_found_is_told_even_if_its_host_never_ends() {
    let sample = sample::interrupted(States::OPEN).without_hosts();
    let page = read(&page(&sample, Lang::En));
    assert!(
        page.contains("192.0.2.7\n22, 443\nnot finished; open so far\n"),
        "{page}"
    );
}

#[test]
fn open_ports_of_a_host_that_answers_everything_are_counted_and_not_listed() {
    let sample = sample::interrupted(States::OPEN).answering_everything();
    let page = read(&page(&sample, Lang::En));
    assert!(
        page.contains("3 of them are on 2 hosts that answer on every port tried"),
        "{page}"
    );
    assert!(page.contains("No port was found open") && !page.contains("192.0.2.7:22"));
    assert!(page.contains("answers everything: its open ports say nothing"));
}

#[test]
fn an_empty_page_says_that_there_was_nothing() {
    let mut sample = sample::interrupted(States::OPEN);
    sample.findings.clear();
    let page = read(&page(&sample, Lang::Es));
    assert!(page.contains("no hay nada que dibujar"), "{page}");
}
