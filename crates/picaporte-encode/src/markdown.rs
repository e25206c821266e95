//! A document in Markdown: links, pictures, tags and the ends of tables stand in plain characters there.

use crate::terminal;

/// The text as a code span of Markdown, in a table or outside: as for a [`terminal`], and in a code span nothing is a link, a
/// picture, a tag or emphasis (`CommonMark` 0.31, section 6.1). What would end the span, or a cell of GitHub's tables, becomes
/// visible by its number. Nothing at all is a dash, as an empty span is none, and not a hyphen, which begins a list.
pub fn markdown(text: &str) -> String {
    span(&terminal(text))
}

/// What is shown of a text, as a code span.
pub(crate) fn span(seen: &str) -> String {
    if seen.is_empty() {
        return "–".to_owned();
    }
    let inner = seen.replace('`', "\\u{60}").replace('|', "\\u{7c}");
    format!("`{inner}`")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markdown_shows_a_text_as_it_is() {
        for (text, shown) in [
            ("", "–"),
            ("www.example.org", "`www.example.org`"),
            ("<img src=x>[a](http://b)", "`<img src=x>[a](http://b)`"),
            ("a`b|c\\|d", "`a\\u{60}b\\u{7c}c\\\\u{7c}d`"),
            ("a\nb", "`a\\u{a}b`"),
        ] {
            assert_eq!(markdown(text), shown);
        }
    }
}
