//! Text for people in lines that fit a terminal.

/// Columns that every terminal has.
pub const WIDTH: usize = 80;

/// Whether a terminal obeys this character instead of showing it, or shows nothing: control characters, those that turn the
/// direction of text (Unicode Standard Annex 9), and those without a width.
pub fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}')
}

/// Hidden characters as escapes, so that a terminal shows them and does not obey.
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if is_hidden(c) {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// One paragraph in lines of at most 80 columns, each behind `indent`. A word that is longer stands alone.
pub fn wrapped(text: &str, indent: &str) -> String {
    let mut lines = String::new();
    let mut column = 0;
    for word in text.split_whitespace() {
        let width = word.chars().count();
        if column > 0 && column + 1 + width <= WIDTH {
            lines.push(' ');
            column += 1;
        } else {
            if column > 0 {
                lines.push('\n');
            }
            lines.push_str(indent);
            column = indent.chars().count();
        }
        lines.push_str(word);
        column += width;
    }
    lines.push('\n');
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_terminal_would_obey_is_shown() {
        let bad = "a\u{1b}[31m\n\u{202e}\u{2066}\u{9b}é…|";
        assert_eq!(
            printable(bad),
            "a\\u{1b}[31m\\n\\u{202e}\\u{2066}\\u{9b}é…|"
        );
    }

    #[test]
    fn lines_are_as_long_as_they_may_be() {
        let text = "abcd ".repeat(40);
        let lines = wrapped(&text, "  ");
        assert_eq!(lines.lines().next().map(str::len), Some(76));
        let exact = format!("{} {}", "x".repeat(40), "y".repeat(39));
        assert_eq!(wrapped(&exact, ""), exact.clone() + "\n");
        assert_eq!(wrapped(&exact, " ").lines().count(), 2);
        assert_eq!(wrapped("", ""), "\n");
    }
}
