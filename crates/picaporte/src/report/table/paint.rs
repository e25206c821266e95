//! The colours of states and titles in a terminal. What they say can be told without them.

use anstyle::{AnsiColor, Style};
use picaporte_core::State;

/// Colours, or none.
#[derive(Clone, Copy)]
pub(in crate::report) struct Paint {
    pub(in crate::report) color: bool,
}

impl Paint {
    pub(in crate::report) fn state(self, state: State, text: &str) -> String {
        self.paint(
            text,
            match state {
                State::Open => AnsiColor::Green.on_default().bold(),
                State::Closed => AnsiColor::Red.on_default(),
                State::Filtered => AnsiColor::Yellow.on_default(),
                State::Untested => AnsiColor::Magenta.on_default().bold(),
            },
        )
    }

    pub(in crate::report) fn title(self, text: &str) -> String {
        self.paint(text, Style::new().bold())
    }

    pub(super) fn heads(self, text: &str) -> String {
        self.paint(text, Style::new().dimmed())
    }

    fn paint(self, text: &str, style: Style) -> String {
        if self.color {
            format!("{style}{text}{style:#}")
        } else {
            text.to_owned()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_only_added_when_asked_for() {
        let plain = Paint { color: false };
        assert_eq!(plain.state(State::Open, "open"), "open");
        let colored = Paint { color: true }.state(State::Open, "open");
        assert!(colored.contains("open") && colored.starts_with('\u{1b}'));
    }
}
