//! The tables of the formats, in Markdown. It measures nothing.

use std::fmt::Write as _;

use picaporte::report::Format;

use super::SIZES;
use super::opened::Opened;
use super::written::{Seen, Series};
use crate::accuracy::table::grouped;

/// A format streams if sixteen blocks take no more memory than four and so much: single runs differ by half of it. To keep 22
/// bytes of a host would be beyond it.
const MARGIN_KIB: u64 = 1_024;
/// Goals of the page of 65,536 hosts: bytes, and seconds until it is seen.
const PAGE_BYTES: u64 = 30_000_000;
const PAGE_S: f64 = 5.0;

pub(super) fn markdown(
    facts: &[(&'static str, String)],
    series: &[Series],
    opened: &[Opened],
) -> String {
    let mut text = String::from("| machine | |\n| --- | --- |\n");
    for (name, value) in facts {
        let _ = writeln!(text, "| {name} | {value} |");
    }
    text.push('\n');
    text.push_str(&written(series));
    if !opened.is_empty() {
        text.push('\n');
        text.push_str(&opens(opened));
    }
    text
}

fn written(series: &[Series]) -> String {
    let sizes = SIZES.map(|hosts| grouped(hosts.into()));
    let mut text = format!(
        "| format | MB of {2} hosts | seconds | min–max s | peak MiB, {0} hosts | {1} | {2} | goal: constant |\n\
         | --- | --: | --: | --: | --: | --: | --: | --- |\n",
        sizes[0], sizes[1], sizes[2]
    );
    for Series { format, sizes } in series {
        let name = format.map_or("(told to nobody)", Format::name);
        let Some(largest) = sizes.last() else {
            continue;
        };
        let [median, min, max] = largest.seconds;
        let peaks: Vec<_> = sizes.iter().map(|seen| mib(seen.peak_kib)).collect();
        let _ = writeln!(
            text,
            "| {name} | {} | {median:.2} | {min:.2}–{max:.2} | {} | {} |",
            mb(largest.bytes),
            peaks.join(" | "),
            met(streams(sizes))
        );
    }
    text
}

/// Whether the larger scan takes no more than the one before it; the smallest does not reach every bound.
fn streams(sizes: &[Seen]) -> bool {
    matches!(sizes, [.., less, more] if more.peak_kib <= less.peak_kib + MARGIN_KIB)
}

fn opens(opened: &[Opened]) -> String {
    let mut text = String::from(
        "| page of | MB | hosts listed | open ports with evidence | sentences on what is folded | load event, s | min–max s | seen, s | min–max s | all laid out, s | min–max s | goal: 30 MB, seen in 5 s |\n\
         | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: | --: | --- |\n",
    );
    for page in opened {
        let [hosts, ports, folds] = page.rows;
        let (size, bytes) = (grouped(page.hosts.into()), mb(page.bytes));
        let _ = write!(
            text,
            "| {size} hosts | {bytes} | {hosts} | {ports} | {folds} |"
        );
        for [median, min, max] in [page.loaded, page.shown, page.whole] {
            let _ = write!(text, " {median:.2} | {min:.2}–{max:.2} |");
        }
        let holds = page.bytes < PAGE_BYTES && page.shown[2] < PAGE_S;
        let _ = writeln!(text, " {} |", met(holds));
    }
    text
}

fn met(holds: bool) -> &'static str {
    if holds { "met" } else { "**not met**" }
}

fn mb(bytes: u64) -> String {
    format!("{:.1}", bytes as f64 / 1e6)
}

fn mib(kib: u64) -> String {
    format!("{:.1}", kib as f64 / 1024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peak_kib: u64) -> Seen {
        Seen {
            bytes: 1,
            seconds: [1.0; 3],
            peak_kib,
        }
    }

    #[test]
    fn a_format_that_grows_does_not_stream() {
        let peaks = |all: [u64; 3]| streams(&all.map(seen));
        assert!(peaks([4_000, 9_000, 9_000 + MARGIN_KIB]));
        assert!(!peaks([4_000, 9_000, 9_001 + MARGIN_KIB]));
    }

    #[test]
    fn a_page_that_opens_too_slowly_once_does_not_hold() {
        let page = |slowest| Opened {
            hosts: 65_536,
            bytes: PAGE_BYTES - 1,
            rows: [65_536, 16_384, 2],
            loaded: [1.0; 3],
            shown: [2.0, 1.0, slowest],
            whole: [9.0; 3],
        };
        assert!(opens(&[page(4.9)]).ends_with("| met |\n"));
        assert!(opens(&[page(5.0)]).ends_with("| **not met** |\n"));
    }
}
