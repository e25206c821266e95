use std::collections::HashSet;

use clap::CommandFactory as _;

use super::{HABITS, hint};
use crate::cli::args::Args;
use crate::report::Lang;

fn options() -> impl Iterator<Item = &'static str> {
    HABITS.iter().flat_map(|(options, ..)| options.split(' '))
}

fn english(word: &str, arg: &str) -> &'static str {
    hint(word, arg, Lang::En).unwrap_or_default()
}

#[test]
fn an_option_is_told_by_its_own_hint_however_it_is_written() {
    assert_eq!(english("-sV", "-s"), "write -V, or --identify");
    assert_eq!(english("-sVC", "-s"), "write -V, or --identify");
    assert!(english("-sS", "-s").starts_with("every scan is a TCP connect scan"));
    assert!(english("-silent", "-s").contains("-q"));
    assert!(english("-rate", "-r").contains("--rate N"));
    assert!(english("-r", "-r").contains("-p 1-1000"));
    assert!(english("--top-ports=100", "--top-ports").contains("common:N"));
    assert!(english("-nmap-cli", "-n").contains("-V"));
    assert!(english("-T4", "-T").contains("--pace"));
    assert_eq!(hint("--ratio", "--ratio", Lang::En), None);
}

#[test]
fn no_option_stands_twice_or_behind_one_that_takes_it() {
    let mut seen = HashSet::new();
    let mut beginnings: Vec<&str> = Vec::new();
    for option in options() {
        assert!(seen.insert(option), "{option} stands twice");
        let taken = beginnings.iter().find(|it| option.starts_with(**it));
        assert_eq!(taken, None, "{option} is never reached");
        beginnings.extend(option.strip_suffix('*'));
    }
}

#[test]
fn what_is_to_be_written_instead_is_there() {
    let command = Args::command();
    let scan = command.find_subcommand("scan").expect("scan");
    let known: HashSet<String> = scan
        .get_arguments()
        .flat_map(|arg| {
            let long = arg.get_long().map(|long| format!("--{long}"));
            long.into_iter()
                .chain(arg.get_short().map(|short| format!("-{short}")))
        })
        .collect();
    for (options, en, es) in HABITS {
        for hint in [en, es] {
            let named = hint
                .split([' ', ',', ':', ';'])
                .filter(|word| word.starts_with('-') && word.len() > 1);
            for option in named {
                assert!(known.contains(option), "{options}: {option} is no option");
            }
        }
        for option in options.split(' ').filter(|it| !it.ends_with('*')) {
            assert!(!known.contains(option), "{option} is an option of ours");
        }
    }
}
