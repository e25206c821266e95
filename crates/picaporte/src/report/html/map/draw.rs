//! The map as SVG. Height tells the state as colour does: open is tall, filtered half as tall, closed a line, and untested a
//! tall block that is empty. All blocks of one state are one path, so that the largest map takes few bytes and elements.

use std::fmt::Write as _;

use maud::{Markup, html};
use picaporte_core::State;

use super::super::text::{Outside, seen};
use super::super::words::{Words, fill};
use super::rows::{Picture, Row, by_state};
use super::{COLUMNS, HOSTS, Map, Split};
use crate::report::Header;

/// In CSS pixels.
const ROW: u32 = 18;
const COLUMN: u32 = 22;
const BLOCK: f64 = 17.0;
const TALL: f64 = 12.0;
const REST: u32 = 120;
const HEAD: u32 = 46;
/// Of the labels' type.
const LETTER: u32 = 7;
/// Longer labels are cut; the appendix has them whole.
const LABEL: usize = 44;

impl Map {
    /// The section's content.
    pub(in super::super) fn render(&self, header: &Header, words: &Words) -> Markup {
        let picture = self.picture(header);
        if picture.rows.is_empty() {
            return html! { p { (words.map_none) } };
        }
        html! {
            p { (words.map_reads) }
            @for note in notes(&picture, words) { p.fold { (note) } }
            ul.legend {
                @for state in State::ALL {
                    li { (swatch(state)) ((words.states)(state).0) }
                }
            }
            div.scroll tabindex="0" role="region" aria-label=(words.map) { (drawing(&picture, words)) }
            details {
                summary { (words.map_text) }
                ul { @for row in &picture.rows { li { (sentence(row, &picture.columns, words)) } } }
            }
        }
    }
}

/// What is folded, and how.
fn notes(picture: &Picture, words: &Words) -> Vec<String> {
    let mut notes = Vec::new();
    let rows = picture.rows.len() as u64;
    if picture.networks {
        notes.push(fill(words.map_networks, &[&words.number(HOSTS as u64)]));
    } else if picture.hosts > rows {
        let hosts = words.count(picture.hosts, &words.host);
        notes.push(fill(words.map_folded, &[&hosts, &words.number(rows)]));
    }
    if !picture.networks && picture.open_somewhere > COLUMNS {
        let open = words.number(picture.open_somewhere as u64);
        notes.push(fill(
            words.map_columns,
            &[&open, &words.number(COLUMNS as u64)],
        ));
    }
    if picture.ragged > 0 {
        let hosts = words.count(picture.ragged, &words.host);
        notes.push(fill(words.map_ragged, &[&hosts]));
    }
    notes
}

fn drawing(picture: &Picture, words: &Words) -> Markup {
    let labels = picture.rows.iter().map(|row| label(row, words));
    let labels: Vec<(String, String)> = labels.collect();
    let long = |(name, times): &(String, String)| name.chars().count() + times.chars().count();
    let longest = labels.iter().map(long).max();
    let left = longest.unwrap_or(0) as u32 * LETTER + 10;
    let rest = left + picture.columns.len() as u32 * COLUMN;
    let (width, height) = (rest + REST + 12, HEAD + picture.rows.len() as u32 * ROW + 4);
    let top = |i: usize| HEAD + i as u32 * ROW;
    let blocks = blocks(picture, left, rest);
    let last = if picture.columns.is_empty() {
        words.map_all
    } else {
        words.map_rest
    };
    html! {
        svg.map role="img" aria-labelledby="map-name" width=(width) height=(height) viewBox={"0 0 " (width) " " (height)} {
            title id="map-name" { (words.map) }
            @for (i, port) in picture.columns.iter().enumerate() {
                @let x = left + i as u32 * COLUMN + 10;
                text x=(x) y=(HEAD - 6) transform={"rotate(-50 " (x) " " (HEAD - 6) ")"} { (port) }
            }
            text x=(rest + 4) y=(HEAD - 6) { (last) }
            @for (i, (name, times)) in labels.iter().enumerate() {
                line.rule x1="0" y1=(top(i + 1)) x2=(width) y2=(top(i + 1)) {}
                text x="0" y=(top(i) + 13) { (Outside(name)) (times) }
            }
            @for (state, path) in State::ALL.into_iter().zip(&blocks) {
                @if !path.is_empty() { path class=(state.name()) d=(path) {} }
            }
        }
    }
}

/// `192.0.2.0/26`, not longer than there is room for, and ` ×64`.
fn label(row: &Row, words: &Words) -> (String, String) {
    let name = row
        .label
        .as_deref()
        .map_or(words.map_others.to_owned(), seen);
    let mut label: String = name.chars().take(LABEL).collect();
    if label.len() < name.len() {
        label.push('…');
    }
    let times = match row.hosts {
        0 | 1 => String::new(),
        hosts => format!(" ×{}", words.number(hosts)),
    };
    (label, times)
}

/// A path for each state.
fn blocks(picture: &Picture, left: u32, rest: u32) -> [String; 4] {
    let mut paths = [const { String::new() }; 4];
    for (i, row) in picture.rows.iter().enumerate() {
        let base = f64::from(HEAD + i as u32 * ROW + 15);
        for (j, cell) in row.cells.iter().enumerate() {
            let x = f64::from(left + j as u32 * COLUMN) + 3.0;
            share_out(*cell, x, base, BLOCK, &mut paths);
        }
        share_out(
            row.rest,
            f64::from(rest) + 4.0,
            base,
            f64::from(REST),
            &mut paths,
        );
    }
    paths
}

/// What is there is seen: no part is narrower than this.
const LEAST: f64 = 1.5;

fn share_out(split: Split, x: f64, base: f64, width: f64, paths: &mut [String; 4]) {
    let whole: u64 = split.iter().sum();
    let present = split.iter().filter(|n| **n > 0).count() as f64;
    let free = width - present * LEAST;
    let mut at = x;
    for (state, n) in split.into_iter().enumerate().filter(|(_, n)| *n > 0) {
        let wide = LEAST + free * n as f64 / whole as f64;
        block(State::ALL[state], at, base, wide, &mut paths[state]);
        at += wide;
    }
}

fn block(state: State, x: f64, base: f64, wide: f64, path: &mut String) {
    let tall = match state {
        State::Open => TALL,
        State::Filtered => TALL / 2.0,
        State::Closed => 2.5,
        State::Untested => TALL - 1.0,
    };
    // Writing to a String cannot fail.
    let _ = write!(path, "M{x:.1} {base}h{wide:.1}v-{tall}h-{wide:.1}z");
}

/// A block beside a state's name.
pub(in super::super) fn swatch(state: State) -> Markup {
    let mut path = String::new();
    block(state, 1.0, 13.0, 12.0, &mut path);
    html! {
        svg.swatch aria-hidden="true" width="14" height="14" viewBox="0 0 14 14" { path class=(state.name()) d=(path) {} }
    }
}

/// `192.0.2.0/26, 64 hosts: 3 open, 61 closed; open ports 22 (2), 443 (1)`.
fn sentence(row: &Row, columns: &[u16], words: &Words) -> Markup {
    let states = by_state(row.all()).map(|(state, n)| words.in_state(state, n));
    let states: Vec<_> = states.collect();
    let open = columns
        .iter()
        .zip(&row.cells)
        .filter(|(_, cell)| cell[0] > 0);
    let open = open.map(|(port, cell)| match row.hosts {
        1 => port.to_string(),
        _ => format!("{port} ({})", words.number(cell[0])),
    });
    let open: Vec<_> = open.collect();
    html! {
        span.mono { (Outside(row.label.as_deref().unwrap_or(words.map_others))) }
        @if row.hosts > 1 { ", " (words.count(row.hosts, &words.host)) }
        ": " (states.join(", "))
        @if !open.is_empty() { "; " (words.open_port.many) " " (open.join(", ")) }
    }
}
