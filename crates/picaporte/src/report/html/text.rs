//! The encoder for a page: text from outside stands in it as text, and all of it is seen.
//!
//! The encoder is [`encode::html_text`], and for what a network sent the same of [`Untrusted`]: between tags no text begins an
//! element. No text of a scan goes to a page but through here, and none into an attribute.

use jiff::Timestamp;
use maud::{Markup, PreEscaped, Render, html};

use super::super::encode::{self, Untrusted};
use super::words::{Words, fill};

/// A text that somebody else chose: a name, an address with its zone, a word of the command line, an entry of a scope. It
/// stands between tags and nowhere else.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outside<'a>(pub(super) &'a str);

impl Render for Outside<'_> {
    fn render_to(&self, page: &mut String) {
        page.push_str(&encode::html_text(self.0));
    }
}

/// What the reverse DNS calls an address; nothing where that is not known.
pub(super) fn reverse(names: &[Untrusted], words: &Words) -> Markup {
    html! {
        @if !names.is_empty() {
            small {
                (words.reverse) " "
                @for (i, name) in names.iter().enumerate() {
                    @if i > 0 { ", " }
                    bdi { (PreEscaped(name.html_text())) }
                }
            }
        }
    }
}

/// The first of a list, each as `one` writes it, and how many more there are.
pub(super) fn some<T>(all: &[T], most: usize, words: &Words, one: impl Fn(&T) -> Markup) -> Markup {
    let more = all.len().saturating_sub(most) as u64;
    html! {
        @for (i, each) in all.iter().take(most).enumerate() {
            @if i > 0 { ", " }
            (one(each))
        }
        @if more > 0 { " " (fill(words.and_more, &[&words.number(more)])) }
    }
}

/// Our own template, filled in with what has been encoded, in the order that the language wants.
pub(super) fn filled(template: &str, parts: &[Markup]) -> Markup {
    let mut pieces = template.split(['{', '}']);
    let first = pieces.next().unwrap_or_default();
    let rest: Vec<(&str, &str)> = pieces
        .clone()
        .step_by(2)
        .zip(pieces.skip(1).step_by(2))
        .collect();
    html! {
        (first)
        @for (number, text) in rest {
            @if let Some(part) = number.parse().ok().and_then(|n: usize| parts.get(n)) { (part) }
            (text)
        }
    }
}

/// Several, with this between them.
pub(super) fn joined(parts: &[Markup], between: &str) -> Markup {
    html! {
        @for (i, part) in parts.iter().enumerate() {
            @if i > 0 { (between) }
            (part)
        }
    }
}

/// Our own words, to be put together with what has been encoded.
pub(super) fn ours(text: impl AsRef<str>) -> Markup {
    html! { (text.as_ref()) }
}

/// A moment, which no line ends in.
pub(super) fn moment(at: Timestamp) -> Markup {
    html! { span.nb { (format!("{at:.0}")) } }
}

/// The text as it is seen, to be measured and cut; it is still to be encoded.
pub(super) fn seen(text: &str) -> String {
    encode::terminal(text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_seen_and_is_nothing_but_text() {
        for (text, shown) in [
            ("www.example.org", "www.example.org"),
            ("<b>&amp;\"'", "&lt;b&gt;&amp;amp;\"'"),
            ("a\u{202e}b\u{0}\n", "a\\u{202e}b\\u{0}\\u{a}"),
            ("-->]]>", "--&gt;]]&gt;"),
            ("a\u{fdd0}", "a\\u{fdd0}"),
        ] {
            assert_eq!(Outside(text).render().into_string(), shown);
        }
    }

    #[test]
    fn a_template_is_filled_in_with_what_was_encoded() {
        let parts = ["<b>", "{0}"].map(|text| html! { (Outside(text)) });
        let shown = |template| filled(template, &parts).into_string();
        assert_eq!(shown("a {1}<{0}"), "a {0}&lt;&lt;b&gt;");
        assert_eq!(shown("{0}{0}"), "&lt;b&gt;&lt;b&gt;");
        assert_eq!(shown("nothing"), "nothing");
        assert_eq!(joined(&parts, " & ").into_string(), "&lt;b&gt; &amp; {0}");
    }
}
