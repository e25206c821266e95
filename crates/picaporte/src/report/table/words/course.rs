//! How a scan went about it: what was sent, asked beside, lost and slowed down for.

use std::time::Duration;

use picaporte_core::tally::Outages;
use picaporte_core::timing::Loss;

use crate::report::identified::words::counts;
use crate::report::table::text::JOINED;
use crate::report::{Lang, ReverseCounts, Sampled, Trailer};
use crate::words::nouns::{ADDRESS, ATTEMPT, HOST, PORT, PROBE};
use crate::words::numbers::per_second;

/// How the scan went about it, line by line, each with its label; `slowed` hosts were asked more slowly.
pub(in crate::report) fn course(
    lang: Lang,
    seed: u64,
    trailer: &Trailer,
    slowed: u64,
) -> impl Iterator<Item = (&'static str, String)> {
    let account = &trailer.account;
    let tally = &account.tally;
    let lines = [
        (
            lang.either("sent", "enviado"),
            Some(sent(lang, tally.attempts, account.elapsed, seed)),
        ),
        (
            lang.either("extra", "además"),
            (tally.extra > 0).then(|| extra(lang, tally.extra, trailer.asking())),
        ),
        (
            lang.either("located", "localizados"),
            trailer.sampled.map(|of| sampled(lang, of)),
        ),
        (
            lang.either("names", "nombres"),
            trailer.reverse.map(|counts| reverse(lang, counts)),
        ),
        (
            lang.either("services", "servicios"),
            trailer.identified.map(|of| counts(lang, &of)),
        ),
        (
            lang.either("loss", "pérdida"),
            Some(loss(lang, account.loss, tally.missed_millionths)),
        ),
        (
            lang.either("path", "camino"),
            tally.outages.map(|of| outages(lang, of)),
        ),
        (
            lang.either("slowed", "más despacio"),
            (slowed > 0).then(|| slowed_hosts(lang, slowed)),
        ),
    ];
    let told = |(label, text): (_, Option<String>)| Some((label, text?));
    lines.into_iter().filter_map(told)
}

/// `40 attempts in 1.25 s, 32 attempts/s, seed 7`.
fn sent(lang: Lang, attempts: u64, elapsed: Duration, seed: u64) -> String {
    let rate = per_second(attempts, elapsed);
    let rate = rate.map_or(String::new(), |n| format!(", {}/s", lang.count(n, ATTEMPT)));
    say!(
        lang,
        "{attempts} in {elapsed}{rate}, seed {seed}",
        "{attempts} en {elapsed}{rate}, semilla {seed}",
        attempts = lang.count(attempts, ATTEMPT),
        elapsed = lang.length(elapsed),
        rate = rate,
        seed = seed
    )
}

/// `149 probes outside the plan, 146 of them asked what listens`.
fn extra(lang: Lang, extra: u64, asking: u64) -> String {
    let which = match asking {
        0 => String::new(),
        n if n == extra => lang
            .agree(
                n,
                [
                    ", which asked what listens",
                    ", all of them asked what listens",
                ],
                [
                    ", para preguntar qué escucha",
                    ", todas para preguntar qué escucha",
                ],
            )
            .to_owned(),
        n => say!(
            lang,
            ", {n} of them asked what listens",
            ", {n} de ellas para preguntar qué escucha",
            n = lang.number(n)
        ),
    };
    say!(
        lang,
        "{probes} outside the plan{which}",
        "{probes} aparte de lo previsto{which}",
        probes = lang.count(extra, PROBE),
        which = which
    )
}

/// What was looked at once more.
fn sampled(lang: Lang, sampled: Sampled) -> String {
    let mut text = say!(
        lang,
        "{ports}, one of each kind of a host",
        "{ports}, uno de cada clase por equipo",
        ports = lang.count(sampled.located, PORT)
    );
    let n = sampled.untested;
    if n > 0 {
        text.push_str(&say!(
            lang,
            "; {n} could not {be}",
            "; {n} no se {be} localizar",
            n = lang.number(n),
            be = lang.agree(n, ["be", "be"], ["pudo", "pudieron"])
        ));
    }
    let n = sampled.left_out;
    if n > 0 {
        text.push_str(&say!(
            lang,
            "; {n} {left_out}, as too many",
            "; {n} {left_out} por ser demasiados",
            n = lang.number(n),
            left_out = lang.agree(n, ["left out", "left out"], ["omitido", "omitidos"])
        ));
    }
    text
}

/// What became of the questions to the reverse DNS.
fn reverse(lang: Lang, counts: ReverseCounts) -> String {
    let mut text = say!(
        lang,
        "reverse DNS: {addresses} {asked}",
        "DNS inverso: {addresses} {asked}",
        addresses = lang.count(counts.asked, ADDRESS),
        asked = lang.agree(
            counts.asked,
            ["asked", "asked"],
            ["consultada", "consultadas"]
        ),
    );
    let joined = JOINED.to_string();
    for (count, en, es) in [
        (counts.named, "named", "con nombre"),
        (counts.unnamed, "without a name", "sin nombre"),
        (counts.failed, "failed", "con error"),
        (counts.unanswered, "not answered", "sin respuesta"),
    ] {
        if count > 0 {
            let what = lang.either(en, es).replace(' ', &joined);
            text.extend([", ", &lang.number(count), &joined, &what]);
        }
    }
    if counts.left_out > 0 {
        text.push_str(&say!(
            lang,
            "; {hosts} left out",
            "; {hosts} sin consultar",
            hosts = lang.count(counts.left_out, HOST)
        ));
    }
    text
}

/// `1.50 % of SYNs to ports that answered in the end (6 of 400); 0.02 open ports are expected to be missed`.
fn loss(lang: Lang, loss: Loss, missed_millionths: u64) -> String {
    if loss.asked == 0 {
        let unknown = lang.either(
            "not measured: no port answered with a SYN-ACK or a RST",
            "no se midió: ningún puerto respondió con SYN-ACK o RST",
        );
        return unknown.to_owned();
    }
    let missed = missed_millionths as f64 / 1e6;
    let missed = if missed < 0.005 {
        let least = lang.decimal(0.01, 2);
        say!(
            lang,
            "fewer than {least}",
            "menos de {least}",
            least = least
        )
    } else if missed < 1_000.0 {
        lang.decimal(missed, 2)
    } else {
        lang.number(missed.round() as u64)
    };
    say!(
        lang,
        "{share} % of SYNs to ports that answered in the end ({lost} of {asked}), without those sent while nothing came back; {missed} open ports are expected to be missed",
        "{share} % de los SYN a puertos que al final respondieron ({lost} de {asked}), sin los enviados mientras no volvía nada; se espera haber pasado por alto {missed} puertos abiertos",
        share = lang.decimal(loss.lost as f64 * 100.0 / loss.asked as f64, 2),
        lost = lang.number(loss.lost),
        asked = lang.number(loss.asked),
        missed = missed
    )
}

/// `nothing came back from anybody twice, 4.1 s in all; what was asked then was asked again`.
fn outages(lang: Lang, outages: Outages) -> String {
    let slower = outages.per_second.map_or(String::new(), |pace| {
        say!(
            lang,
            ", more slowly: {pace} a second at the slowest",
            ", más despacio: {pace} por segundo como mínimo",
            pace = lang.count(pace.into(), ATTEMPT)
        )
    });
    say!(
        lang,
        "nothing came back from anybody {times}, {silent} in all; what was asked then was asked again{slower}",
        "no volvió nada de nadie {times}, {silent} en total; lo preguntado entonces se volvió a preguntar{slower}",
        times = lang.times(outages.times.into()),
        silent = lang.length(outages.silent.into()),
        slower = slower
    )
}

/// `2 hosts fell silent for a while and got fewer attempts a second from then on`.
fn slowed_hosts(lang: Lang, hosts: u64) -> String {
    say!(
        lang,
        "{hosts} {fell} silent for a while and got fewer attempts a second from then on",
        "{hosts} {fell} durante un tiempo, con menos intentos por segundo desde entonces",
        hosts = lang.count(hosts, HOST),
        fell = lang.agree(hosts, ["fell", "fell"], ["calló", "callaron"])
    )
}
