//! Which rules of a probe may fit an answer: those whose bytes are in it. The thousands of a large file are told apart by one walk over the
//! answer, so that only those few are compiled and tried that may fit.

use std::collections::HashMap;

use aho_corasick::{AhoCorasick, AhoCorasickKind, MatchKind};

use super::pattern::{self, Need};
use super::rule::Rule;

/// What the rules of one probe need.
#[derive(Debug)]
pub(super) struct Filter {
    /// Finds the runs of bytes that rules need, letters of either case.
    runs: Option<AhoCorasick>,
    rules: Vec<Ask>,
}

/// What is asked of an answer before a rule is tried.
#[derive(Debug)]
enum Ask {
    /// Its pattern is not supported.
    Never,
    Holds {
        head: Box<[u8]>,
        run: Option<u32>,
    },
}

/// Runs of bytes, each once.
#[derive(Default)]
struct Runs<'n> {
    /// How many rules need it.
    needed_by: HashMap<&'n [u8], u32>,
    numbers: HashMap<&'n [u8], u32>,
    all: Vec<&'n [u8]>,
}

impl<'n> Runs<'n> {
    fn ask(&mut self, need: Option<&'n Need>) -> Ask {
        let Some(need) = need else { return Ask::Never };
        // What the fewest rules need tells most; of those, the longest.
        let telling = |run: &&Vec<u8>| (self.needed_by[run.as_slice()], usize::MAX - run.len());
        let run = need.runs.iter().min_by_key(telling);
        Ask::Holds {
            head: need.head.as_slice().into(),
            run: run.map(|run| self.number(run)),
        }
    }

    fn number(&mut self, run: &'n [u8]) -> u32 {
        *self.numbers.entry(run).or_insert_with(|| {
            self.all.push(run);
            self.all.len() as u32 - 1
        })
    }
}

impl Filter {
    pub(super) fn new(file: &[u8], rules: &[Rule]) -> Self {
        let need = |rule: &Rule| pattern::need(rule.pattern.in_file(file), rule.flags).ok();
        let needs: Vec<Option<Need>> = rules.iter().map(need).collect();
        let mut runs = Runs::default();
        for run in needs.iter().flatten().flat_map(|need| &need.runs) {
            *runs.needed_by.entry(run).or_default() += 1;
        }
        Self {
            rules: needs.iter().map(|need| runs.ask(need.as_ref())).collect(),
            runs: finder(&runs.all),
        }
    }

    /// The rules that may fit, by their place among those of the probe, in order.
    pub(super) fn may_fit(&self, answer: &[u8]) -> impl Iterator<Item = usize> {
        let seen = self.seen(answer);
        let there = move |run: u32| seen.get(run as usize).copied().unwrap_or(true);
        let fits = move |ask: &Ask| match ask {
            Ask::Never => false,
            Ask::Holds { head, run } => run.is_none_or(&there) && pattern::begins(answer, head),
        };
        let rules = self.rules.iter().enumerate();
        rules.filter(move |(_, ask)| fits(ask)).map(|(n, _)| n)
    }

    /// Which runs are in an answer.
    fn seen(&self, answer: &[u8]) -> Vec<bool> {
        let Some(finder) = &self.runs else {
            return Vec::new();
        };
        let mut seen = vec![false; finder.patterns_len()];
        for found in finder.find_overlapping_iter(answer) {
            seen[found.pattern().as_usize()] = true;
        }
        seen
    }
}

/// `None` where nothing is to be found, or (which its bounds exclude) more than a finder takes: then its rules are all tried.
fn finder(runs: &[&[u8]]) -> Option<AhoCorasick> {
    if runs.is_empty() {
        return None;
    }
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .match_kind(MatchKind::Standard)
        .kind(Some(AhoCorasickKind::ContiguousNFA))
        .build(runs)
        .ok()
}
