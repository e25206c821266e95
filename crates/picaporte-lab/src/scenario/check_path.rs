//! Paths: whether what one says can be so, and agrees with the number of its routers.

use toml::Spanned;

use super::raw;
use super::wrong::{Checked, Wrong, copied, or_default, refuse_if};
use super::{
    Bursts, IcmpLimit, Limit, Loss, MOST_HOPS, MOST_OUTAGES, MOST_PATHS, Nat, Path, Share, Span,
};

/// The lab keeps no more connections in a table.
const MOST_ENTRIES: u32 = 1 << 21;
/// More new connections a second than this are not made by others: each is an event of its own.
const MOST_OTHERS: f64 = 100_000.0;

/// The paths by name, in the order of the names; one without anything where the file has none.
pub(super) fn check_paths(raw: &raw::Scenario) -> Checked<Vec<Path>> {
    if raw.paths.is_empty() {
        return Ok(vec![Path {
            name: "default".to_owned(),
            ..Path::default()
        }]);
    }
    if let Some((name, path)) = raw.paths.iter().nth(MOST_PATHS) {
        return Err(Wrong::at(
            path,
            format!("'{name}' is one path too many; a world has at most {MOST_PATHS}"),
        ));
    }
    raw.paths
        .iter()
        .map(|(name, path)| check_path(name, path.get_ref()))
        .collect()
}

fn check_path(name: &str, raw: &raw::Path) -> Checked<Path> {
    let hops = or_default(raw.hops.as_ref());
    refuse_if(
        raw.hops.as_ref(),
        |hops| *hops > MOST_HOPS,
        &format!("'hops' is {hops}; a path has at most {MOST_HOPS} routers"),
    )?;
    for hop in &raw.silent_hops {
        check_hop(hop, hops)?;
    }
    check_icmp_limit(raw.icmp_limit.as_ref())?;
    check_table(raw.nat.as_ref(), hops)?;
    refuse_if(
        raw.ips.as_ref(),
        |ips| ips.within == Span::default(),
        "'within' is 0, so nothing would ever be counted; write a time like 1s",
    )?;
    refuse_if(
        raw.outages.as_ref(),
        |outages| outages.len() > MOST_OUTAGES,
        &format!("more than {MOST_OUTAGES} outages"),
    )?;
    Ok(Path {
        name: name.to_owned(),
        hops,
        silent_hops: raw.silent_hops.iter().map(|hop| *hop.get_ref()).collect(),
        icmp_limit: copied(raw.icmp_limit.as_ref()),
        rtt: or_default(raw.rtt.as_ref()),
        jitter: or_default(raw.jitter.as_ref()),
        loss_out: check_loss(raw, raw.loss_out.as_ref(), raw.bursts_out.as_ref())?,
        loss_back: check_loss(raw, raw.loss_back.as_ref(), raw.bursts_back.as_ref())?,
        reorder: copied(raw.reorder.as_ref()),
        duplicate: or_default(raw.duplicate.as_ref()),
        outages: or_default(raw.outages.as_ref()),
        bandwidth: copied(raw.bandwidth.as_ref()),
        nat: copied(raw.nat.as_ref()),
        ips: copied(raw.ips.as_ref()),
    })
}

fn check_table(nat: Option<&Spanned<Nat>>, hops: u8) -> Checked<()> {
    refuse_if(
        nat,
        |nat| nat.entries == 0,
        "'entries' is 0; a table holds at least one connection",
    )?;
    refuse_if(
        nat,
        |nat| nat.entries > MOST_ENTRIES,
        &format!("'entries' is at most {MOST_ENTRIES}"),
    )?;
    refuse_if(
        nat,
        |nat| {
            nat.others_per_second
                .is_some_and(|rate| rate.get() > MOST_OTHERS)
        },
        &format!("'others_per_second' is at most {MOST_OTHERS}"),
    )?;
    refuse_if(
        nat,
        |_| hops == 0,
        "'nat' stands at the first hop, and this path has none; write hops = 1 on the path",
    )
}

/// One direction's loss: its own word, or that for both.
fn check_loss(
    raw: &raw::Path,
    share: Option<&Spanned<Share>>,
    bursts: Option<&Spanned<Bursts>>,
) -> Checked<Loss> {
    match (share.or(raw.loss.as_ref()), bursts.or(raw.bursts.as_ref())) {
        (Some(share), Some(_)) => Err(Wrong::at(
            share,
            "both single losses and 'bursts' in one direction; write one of them",
        )),
        (Some(share), None) => Ok(Loss::Independent(*share.get_ref())),
        (None, Some(bursts)) => check_bursts(bursts),
        (None, None) => Ok(Loss::None),
    }
}

fn check_bursts(bursts: &Spanned<Bursts>) -> Checked<Loss> {
    let it = *bursts.get_ref();
    if it.mean < 1.0 || !it.mean.is_finite() || it.share.get() >= 1.0 {
        return Err(Wrong::at(
            bursts,
            "'bursts' need a share below 1 and a mean of at least 1 packet",
        ));
    }
    // The chain enters the bad state with probability at most 1: mean × (1 − share) ≥ share.
    if it.mean * (1.0 - it.share.get()) < it.share.get() {
        return Err(Wrong::at(
            bursts,
            "'bursts' this short can't lose so large a share; write a larger mean",
        ));
    }
    Ok(Loss::Bursts(it))
}

/// A router's number on a path of so many.
pub(super) fn check_hop(hop: &Spanned<u8>, hops: u8) -> Checked<u8> {
    match *hop.get_ref() {
        0 => Err(Wrong::at(
            hop,
            "hops are counted from 1, the nearest to the scanner",
        )),
        n if hops == 0 => Err(Wrong::at(
            hop,
            format!("hop {n} of a path without routers; write hops = {n} on the path, or more"),
        )),
        n if n > hops => Err(Wrong::at(
            hop,
            format!("hop {n} of a path of {hops}; write 1 to {hops}, or give the path more hops"),
        )),
        n => Ok(n),
    }
}

/// ICMP errors are limited in one way or both, and at least one is ever sent.
pub(super) fn check_icmp_limit(limit: Option<&Spanned<IcmpLimit>>) -> Checked<()> {
    refuse_if(
        limit,
        |limit| limit.per_peer.is_none() && limit.in_all.is_none(),
        "'icmp_limit' limits nothing; write per_peer = { per_second = 1, burst = 6 }, in_all, or both",
    )?;
    let Some(place) = limit else { return Ok(()) };
    let limits = [place.get_ref().per_peer, place.get_ref().in_all];
    limits
        .into_iter()
        .flatten()
        .try_for_each(|limit| check_limit(place, &limit))
}

/// At least one at once, or there would never be one.
pub(super) fn check_limit<T>(place: &Spanned<T>, limit: &Limit) -> Checked<()> {
    if limit.burst == 0 {
        return Err(Wrong::at(
            place,
            "'burst' is 0, so nothing would ever be sent; write at least 1",
        ));
    }
    Ok(())
}
