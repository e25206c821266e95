//! Overlapping targets become disjoint rectangles: a sweep over the address line.

use std::collections::BTreeMap;

use super::{MAX_PROBES, PlanError, Rect};
use crate::port::PortSet;
use crate::target::{AddressRange, merged};

/// Addresses of one family and zone, where each address counts once.
type Line = (bool, u32);

/// The disjoint rectangles of all that was asked, less what is excluded, and their port sets.
pub(super) fn rectangles(
    asked: Vec<(AddressRange, u32)>,
    sets: &[PortSet],
    excluded: Vec<AddressRange>,
) -> Result<(Vec<Rect>, Vec<PortSet>), PlanError> {
    let mut unions = Unions::new(sets);
    let excluded = merged(excluded);
    let mut rects = Vec::new();
    for segment in segments(asked) {
        let Some(list) = unions.of(&segment.sets) else {
            continue;
        };
        for range in less(segment.range, &excluded) {
            push(&mut rects, range, list);
        }
    }
    number(&mut rects);
    let probes = rects.iter().fold(0u128, |probes, rect| {
        let ports = unions.sets[rect.list as usize].len().into();
        probes.saturating_add(rect.range.count().saturating_mul(ports))
    });
    if probes > MAX_PROBES.into() {
        return Err(PlanError::TooMany(probes));
    }
    Ok((rects, unions.sets))
}

/// Tells each rectangle how many hosts come before it; gives how many there are in all.
pub(super) fn number(rects: &mut [Rect]) -> u128 {
    rects.iter_mut().fold(0u128, |hosts, rect| {
        rect.base = hosts as u64;
        hosts.saturating_add(rect.range.count())
    })
}

/// What both lists hold, in order.
pub(super) fn common(asked: &[(AddressRange, u32)], never: &[AddressRange]) -> Vec<AddressRange> {
    let mut shared = Vec::new();
    for (range, _) in asked {
        for other in never {
            let here = AddressRange {
                scope: if other.scope == 0 { 0 } else { range.scope },
                ..*range
            };
            if here.overlaps(other) {
                let (first, last) = (range.first.max(other.first), range.last.min(other.last));
                shared.push(AddressRange {
                    first,
                    last,
                    ..*range
                });
            }
        }
    }
    merged(shared)
}

struct Segment {
    range: AddressRange,
    /// The port sets that cover it, ascending.
    sets: Vec<u32>,
}

/// Cuts what was asked wherever a range begins or ends.
fn segments(asked: Vec<(AddressRange, u32)>) -> Vec<Segment> {
    let mut lines: BTreeMap<Line, Vec<(u128, bool, u32)>> = BTreeMap::new();
    for (range, set) in asked {
        let events = lines.entry((range.v6, range.scope)).or_default();
        events.push((range.first, true, set));
        // A range up to the last address of all never ends.
        if let Some(end) = range.last.checked_add(1) {
            events.push((end, false, set));
        }
    }
    let mut out = Vec::new();
    for ((v6, scope), mut events) in lines {
        events.sort_unstable();
        let mut active: BTreeMap<u32, u32> = BTreeMap::new();
        let mut at = 0;
        while at < events.len() {
            let position = events[at].0;
            while at < events.len() && events[at].0 == position {
                let (_, begins, set) = events[at];
                turn(&mut active, set, begins);
                at += 1;
            }
            if !active.is_empty() {
                let last = events.get(at).map_or(u128::MAX, |e| e.0 - 1);
                let range = AddressRange {
                    v6,
                    scope,
                    first: position,
                    last,
                };
                out.push(Segment {
                    range,
                    sets: active.keys().copied().collect(),
                });
            }
        }
    }
    out
}

fn turn(active: &mut BTreeMap<u32, u32>, set: u32, begins: bool) {
    let count = active.entry(set).or_default();
    // At one position ends are sorted before beginnings, and every end has had its beginning.
    *count = if begins { *count + 1 } else { *count - 1 };
    if *count == 0 {
        active.remove(&set);
    }
}

/// Unions of port sets, each made once.
struct Unions<'a> {
    given: &'a [PortSet],
    made: BTreeMap<Vec<u32>, Option<u32>>,
    ids: BTreeMap<PortSet, u32>,
    sets: Vec<PortSet>,
}

impl<'a> Unions<'a> {
    fn new(given: &'a [PortSet]) -> Self {
        Self {
            given,
            made: BTreeMap::new(),
            ids: BTreeMap::new(),
            sets: Vec::new(),
        }
    }

    /// The union of these sets; `None` if it is empty.
    fn of(&mut self, wanted: &[u32]) -> Option<u32> {
        if let Some(&made) = self.made.get(wanted) {
            return made;
        }
        let ranges = wanted.iter().flat_map(|&s| self.given[s as usize].ranges());
        let union = PortSet::from_ranges(ranges.copied().collect());
        let id = (!union.is_empty()).then(|| self.intern(union));
        self.made.insert(wanted.to_vec(), id);
        id
    }

    fn intern(&mut self, set: PortSet) -> u32 {
        if let Some(&id) = self.ids.get(&set) {
            return id;
        }
        let id = self.sets.len() as u32;
        self.ids.insert(set.clone(), id);
        self.sets.push(set);
        id
    }
}

/// Adds a rectangle, or makes the last one longer.
pub(super) fn push(rects: &mut Vec<Rect>, range: AddressRange, list: u32) {
    if let Some(last) = rects.last_mut()
        && last.list == list
        && (last.range.v6, last.range.scope) == (range.v6, range.scope)
        && last.range.last.checked_add(1) == Some(range.first)
    {
        last.range.last = range.last;
        return;
    }
    rects.push(Rect {
        range,
        list,
        base: 0,
    });
}

/// What is left of a range; `excluded` is merged. Without a zone, an exclusion holds in every zone.
pub fn less(range: AddressRange, excluded: &[AddressRange]) -> Vec<AddressRange> {
    let mut left = vec![range];
    let mut scopes = vec![0];
    if range.scope != 0 {
        scopes.push(range.scope);
    }
    for scope in scopes {
        left = left
            .into_iter()
            .flat_map(|r| less_on_line(r, excluded, scope))
            .collect();
    }
    left
}

fn less_on_line(range: AddressRange, excluded: &[AddressRange], scope: u32) -> Vec<AddressRange> {
    let from =
        excluded.partition_point(|e| (e.v6, e.scope, e.last) < (range.v6, scope, range.first));
    let (mut out, mut at) = (Vec::new(), range.first);
    for e in &excluded[from..] {
        if (e.v6, e.scope) != (range.v6, scope) || e.first > range.last {
            break;
        }
        if e.first > at {
            out.push(AddressRange {
                first: at,
                last: e.first - 1,
                ..range
            });
        }
        match e.last.checked_add(1) {
            Some(next) if next <= range.last => at = at.max(next),
            _ => return out,
        }
    }
    out.push(AddressRange { first: at, ..range });
    out
}
