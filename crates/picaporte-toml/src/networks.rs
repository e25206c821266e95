//! Lists of networks, each where it stands.

use picaporte_core::target::AddressRange;
use toml::Spanned;

use crate::mistake;
use crate::wrong::At;

/// One network, and the ranges that it stands for.
#[derive(Clone, Debug)]
pub struct Network<'a> {
    /// Where it is written, and how.
    pub place: &'a Spanned<String>,
    /// Its addresses.
    pub ranges: Vec<AddressRange>,
}

/// Networks of one list that lie in another one, or share addresses with it.
pub fn overlaps(list: &[Network<'_>], warnings: &mut Vec<At>) {
    let mut all: Vec<(AddressRange, usize)> = Vec::new();
    for (at, network) in list.iter().enumerate() {
        all.extend(network.ranges.iter().map(|range| (*range, at)));
    }
    // The widest first where several begin alike.
    all.sort_by_key(|(r, at)| (r.v6, r.scope, r.first, std::cmp::Reverse(r.last), *at));
    let mut told = vec![false; list.len()];
    let mut reach: Option<(AddressRange, usize)> = None;
    for (range, at) in all {
        if let Some((far, other)) = reach.filter(|(far, _)| far.overlaps(&range))
            && other != at
        {
            if !std::mem::replace(&mut told[at], true) {
                warnings.push(overlap(&list[at], &list[other], range.last <= far.last));
            }
            if range.last <= far.last {
                continue;
            }
        }
        reach = Some((range, at));
    }
}

fn overlap(this: &Network<'_>, other: &Network<'_>, all: bool) -> At {
    let (this_text, other_text) = (this.place.get_ref(), other.place.get_ref());
    let what = if all {
        mistake!(
            "'{this}' adds nothing to '{other}', in which it lies; leave it out",
            "'{this}' no añade nada a '{other}', que la contiene; quítela",
            this = this_text,
            other = other_text
        )
    } else {
        mistake!(
            "'{this}' and '{other}' share addresses; write each address once",
            "'{this}' y '{other}' comparten direcciones; escriba cada dirección una vez",
            this = this_text,
            other = other_text
        )
    };
    At::place(this.place, what)
}
