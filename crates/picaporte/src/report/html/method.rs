//! How and from where it was asked, what was lost, and what proves that the scan was not altered since.

use maud::{Markup, html};
use picaporte_core::tally::Outages;

use super::text::Outside;
use super::words::fill;
use super::{Told, section as framed, term};
use crate::report::IdentifiedCounts;
use crate::report::identified::words as said;
use crate::words::numbers::per_second;

/// The section.
pub(super) fn section(told: Told<'_>) -> Markup {
    let words = told.words;
    let content = html! {
        p { (words.how) }
        @if told.trailer.identified.is_some() { p { (words.services().how) } }
        dl { (which(told)) (course(told)) (kept(told)) }
    };
    framed("method", words.method, content)
}

/// Which scan it is.
fn which(told: Told<'_>) -> Markup {
    let (words, header) = (told.words, told.header);
    let arguments = header.args.join(" ");
    html! {
        (term(words.scan, html! { code { (Outside(&header.id)) } }))
        (term(words.program, html! { "Picaporte " (Outside(&header.version)) }))
        (term(words.started, html! { (format!("{:.3}", header.started)) }))
        (term(words.finished, html! { (format!("{:.3}", told.trailer.finished)) }))
        (term(words.elapsed, html! { (words.length(told.trailer.account.elapsed)) }))
        @if let Some(from) = &header.from {
            @let (user, machine) = (&from.user, &from.machine);
            (term(words.from_where, html! { bdi { (Outside(user)) } " @ " bdi { (Outside(machine)) } }))
            (term(words.source, html! {
                @if let Some(source) = from.source { code { (source) } } @else { (words.source_by_route) }
            }))
        }
        (term(words.command, html! { code { "picaporte " (Outside(&arguments)) } }))
        (term(words.seed, html! { (header.plan.settings().seed) }))
    }
}

/// How it went.
fn course(told: Told<'_>) -> Markup {
    let (words, account) = (told.words, &told.trailer.account);
    let tally = &account.tally;
    let sent = words.count(tally.attempts, &words.attempt);
    let rate = per_second(tally.attempts, account.elapsed);
    let sent = rate.map_or(sent.clone(), |rate| {
        fill(words.sent_at, &[&sent, &words.number(rate)])
    });
    html! {
        (term(words.sent, html! { (sent) }))
        @if tally.extra > 0 { (term(words.extra, html! { (extra(told)) })) }
        @if let Some(counts) = told.trailer.identified { (term(words.services().identified, html! { (identified(told, counts)) })) }
        (term(words.loss, html! { (loss(told)) }))
        @if account.loss.asked > 0 { (term(words.missed, html! { (missed(told)) })) }
        @if let Some(outages) = tally.outages { (term(words.outages, html! { (silences(told, outages)) })) }
        @if told.seen.slowed > 0 {
            (term(words.slowed, html! { (fill(words.slowed_are, &[&words.count(told.seen.slowed, &words.host)])) }))
        }
    }
}

/// The same number as everywhere, and what it was for.
fn extra(told: Told<'_>) -> String {
    let (words, all) = (told.words, told.trailer.account.tally.extra);
    let asked = told.trailer.asking();
    let probes = words.count(all, &words.probe);
    let (asks, checks) = (words.services().extra_asks, words.extra_checks);
    let what = if asked == 0 {
        fill(checks, &[&probes])
    } else if asked == all {
        fill(asks, &[&probes])
    } else {
        let asks = fill(asks, &[&words.number(asked)]);
        let checks = fill(checks, &[&words.number(all - asked)]);
        format!("{probes}: {asks}, {checks}")
    };
    fill(words.extra_are, &[&what])
}

/// Which open ports were asked what they are, and what that took.
fn identified(told: Told<'_>, counts: IdentifiedCounts) -> String {
    let words = told.words;
    let text = fill(
        words.services().identified_are,
        &[
            &words.number(counts.identified),
            &words.count(counts.all(), &words.open_port),
            &words.number(counts.connections),
            &words.number(counts.unknown),
            &words.number(counts.not_asked),
        ],
    );
    text + &said::left_alone(words.lang, &counts)
}

fn loss(told: Told<'_>) -> String {
    let (words, loss) = (told.words, told.trailer.account.loss);
    if loss.asked == 0 {
        return words.loss_unknown.to_owned();
    }
    let share = words.decimal(loss.lost as f64 * 100.0 / loss.asked as f64, 2);
    fill(
        words.loss_is,
        &[&share, &words.number(loss.lost), &words.number(loss.asked)],
    )
}

fn missed(told: Told<'_>) -> String {
    let missed = told.trailer.account.tally.missed_millionths as f64 / 1e6;
    if missed < 0.005 {
        return told.words.missed_few.to_owned();
    }
    told.words.decimal(missed, 2)
}

fn silences(told: Told<'_>, outages: Outages) -> String {
    let words = told.words;
    let times = words.number(outages.times.into());
    let mut text = fill(
        words.outages_are,
        &[&times, &words.length(outages.silent.into())],
    );
    if let Some(pace) = outages.per_second {
        let pace = words.count(pace.into(), &words.attempt);
        text.push_str("; ");
        text.push_str(&fill(words.outages_pace, &[&pace]));
    }
    text
}

fn kept(told: Told<'_>) -> Markup {
    let words = told.words;
    let says = html! {
        @if let Some(kept) = &told.trailer.kept {
            code { (Outside(&kept.id)) } ", " (words.kept_as) " " code { (Outside(&kept.digest)) }
        } @else {
            (words.not_kept)
        }
    };
    term(words.kept, says)
}
