//! A page of HTML: text between tags, and the value of an attribute. Not for scripts, styles, addresses or comments, in which
//! nothing from outside has any business.

use std::borrow::Cow;
use std::fmt::Write as _;

use crate::terminal;

/// The text between two tags: as for a [`terminal`], with what begins a tag or a character reference written as such a reference.
///
/// ```
/// # use picaporte_encode::html_text;
/// assert_eq!(html_text("<b>&\u{1b}"), "&lt;b&gt;&amp;\\u{1b}");
/// ```
pub fn html_text(text: &str) -> String {
    between_tags(&terminal(text))
}

/// The text as the value of an attribute that is no script, no style and no address: as for a [`terminal`], with every ASCII
/// character but letters, digits and `-._:` written by its number, so that it stays one value even where somebody forgot the quotes.
///
/// ```
/// # use picaporte_encode::html_attribute;
/// assert_eq!(html_attribute("a \"b\""), "a&#x20;&#x22;b&#x22;");
/// ```
pub fn html_attribute(text: &str) -> String {
    in_quotes(&terminal(text))
}

/// What is shown of a text, between two tags.
pub(crate) fn between_tags(seen: &str) -> String {
    let mut html = String::with_capacity(seen.len() + 8);
    for c in characters(seen).chars() {
        match c {
            '&' => html.push_str("&amp;"),
            '<' => html.push_str("&lt;"),
            '>' => html.push_str("&gt;"),
            _ => html.push(c),
        }
    }
    html
}

/// What is shown of a text, as a value.
pub(crate) fn in_quotes(seen: &str) -> String {
    let mut html = String::with_capacity(seen.len() + 8);
    for c in characters(seen).chars() {
        if !c.is_ascii() || c.is_ascii_alphanumeric() || "-._:".contains(c) {
            html.push(c);
        } else {
            // Writing to a String cannot fail.
            let _ = write!(html, "&#x{:x};", u32::from(c));
        }
    }
    html
}

/// Without Unicode's noncharacters, which make a page invalid (HTML Standard, section 13.2.3.5).
fn characters(seen: &str) -> Cow<'_, str> {
    if !seen.contains(is_noncharacter) {
        return Cow::Borrowed(seen);
    }
    let mut characters = String::with_capacity(seen.len() + 8);
    for c in seen.chars() {
        if is_noncharacter(c) {
            characters.extend(c.escape_unicode());
        } else {
            characters.push(c);
        }
    }
    Cow::Owned(characters)
}

/// Unicode 16, section 23.7: the last two of each plane, and 32 more.
fn is_noncharacter(c: char) -> bool {
    u32::from(c) & 0xfffe == 0xfffe || ('\u{fdd0}'..='\u{fdef}').contains(&c)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_character_of_a_page_is_shown_by_its_number() {
        let text = "a\u{fdd0}\u{fffe}\u{1ffff}\u{10ffff}é";
        let shown = "a\\u{fdd0}\\u{fffe}\\u{1ffff}\\u{10ffff}é";
        assert_eq!(html_text(text), shown);
        assert_eq!(
            html_attribute(text),
            shown
                .replace('\\', "&#x5c;")
                .replace('{', "&#x7b;")
                .replace('}', "&#x7d;")
        );
    }
}
