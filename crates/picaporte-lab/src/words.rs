//! Text for people in lines that fit a terminal.

/// Columns that every terminal has.
pub const WIDTH: usize = 80;

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
