//! The terminals that this program writes to: how wide they are, and lines that end where they do. What is written to a pipe or a
//! file is not wrapped: programs read it line by line.

use std::io::IsTerminal;
use std::os::fd::AsFd;

use crate::report::{columns, drawn, wrap};

/// Nobody reads in less columns.
const LEAST: u16 = 40;
/// What a terminal has that tells nothing of it.
const USUAL: u16 = 80;
/// How far later lines of a message are indented.
const HANG: usize = 2;

/// How many columns lines may have; `None` where it is no terminal. `COLUMNS` goes before what the terminal tells.
pub(crate) fn width(stream: &(impl IsTerminal + AsFd)) -> Option<u16> {
    if !stream.is_terminal() {
        return None;
    }
    let measured = || terminal_size::terminal_size_of(stream).map(|(width, _)| width.0.max(LEAST));
    let set = std::env::var("COLUMNS").ok();
    Some(said(set.as_deref()).or_else(measured).unwrap_or(USUAL))
}

/// What `COLUMNS` says, where that can be used.
fn said(columns: Option<&str>) -> Option<u16> {
    columns?.parse().ok().filter(|n| *n >= LEAST)
}

/// A message of one line, or as many as it takes in a terminal. Blanks that no line ends at are written as ordinary ones.
pub(crate) fn message(line: &str, width: Option<u16>) -> String {
    match width {
        Some(width) => wrap(line, 0, HANG, width.into()),
        None => drawn(line),
    }
}

/// A text behind its title, which is followed by one blank.
pub(crate) fn beside(title: &str, says: &str, width: Option<u16>) -> String {
    let at = columns(title) + 1;
    match width {
        Some(width) => format!("{title} {}", wrap(says, at, at, width.into())),
        None => format!("{title} {}", drawn(says)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_one_line_where_no_terminal_is() {
        let long = "note: incomplete: 100 planned = 20 tested + 80 untested (50 unresolved, 30 time-limit)";
        assert_eq!(message(long, None), long);
        insta::assert_snapshot!(message(long, Some(80)), @"
        note: incomplete: 100 planned = 20 tested + 80 untested (50 unresolved,
          30 time-limit)
        ");
        insta::assert_snapshot!(message(long, Some(40)), @"
        note: incomplete: 100 planned = 20
          tested + 80 untested (50 unresolved,
          30 time-limit)
        ");
    }

    #[test]
    fn a_command_stays_on_one_line() {
        let command = crate::report::joined("picaporte resume 01JGFJJZ00000000000000SCAN");
        let text = format!(
            "note: interrupted: 9 planned = 1 tested + 8 untested; go on with it by: {command}"
        );
        insta::assert_snapshot!(message(&text, Some(80)), @"
        note: interrupted: 9 planned = 1 tested + 8 untested; go on with it by:
          picaporte resume 01JGFJJZ00000000000000SCAN
        ");
        assert!(message(&text, None).ends_with(": picaporte resume 01JGFJJZ00000000000000SCAN"));
    }

    #[test]
    fn what_is_told_beside_a_title_stays_beside_it() {
        let says = "this system's name servers what addresses that answer are called";
        insta::assert_snapshot!(beside("asks    ", says, Some(50)), @"
        asks     this system's name servers what
                 addresses that answer are called
        ");
        assert_eq!(beside("asks    ", says, None), format!("asks     {says}"));
    }

    #[test]
    fn a_width_that_is_none_is_not_heeded() {
        assert_eq!(
            [None, Some(""), Some("39"), Some("wide")].map(said),
            [None; 4]
        );
        assert_eq!(said(Some("40")), Some(40));
    }
}
