//! The encoder for a page: text from outside stands in it as text, and all of it is seen.
//!
//! What is not seen becomes visible, as in a terminal, and then maud writes `&`, `<`, `>` and `"` as references, so that no
//! text begins an element or ends an attribute. No text of a scan goes to a page but through here; what a network sent has an encoder of its own.

use maud::{Markup, PreEscaped, Render, html};

use super::super::encode::{self, Untrusted};
use super::words::{Words, fill};

/// A text that somebody else chose: a name, an address with its zone, a word of the command line, an entry of a scope.
#[derive(Clone, Copy, Debug)]
pub(super) struct Outside<'a>(pub(super) &'a str);

impl Render for Outside<'_> {
    fn render_to(&self, page: &mut String) {
        encode::terminal(self.0).as_ref().render_to(page);
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

/// The text with all of it seen, to be put together with our own words and given to a template as it is: the template still
/// escapes it.
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
            ("<b>&amp;\"'", "&lt;b&gt;&amp;amp;&quot;'"),
            ("a\u{202e}b\u{0}\n", "a\\u{202e}b\\u{0}\\u{a}"),
            ("-->]]>", "--&gt;]]&gt;"),
        ] {
            assert_eq!(Outside(text).render().into_string(), shown);
        }
    }
}
