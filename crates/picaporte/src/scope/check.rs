//! What a scope file says beside its lists: who, until when, how fast.

use jiff::Timestamp;
use picaporte_core::scope::Limits;
use picaporte_toml::{At, Checked, mistake};
use toml::Spanned;
use toml::value::Datetime;

use super::raw;

/// From when on, and until when.
pub(super) fn period(raw: &raw::Scope) -> Checked<(Option<Timestamp>, Option<Timestamp>)> {
    let from = moment(raw.valid_from.as_ref())?;
    let until = moment(raw.valid_until.as_ref())?;
    if let (Some(from), Some(until), Some(place)) = (from, until, &raw.valid_until)
        && until <= from
    {
        let what = mistake!(
            "it ends at {until}, which is not after its beginning, {from}",
            "termina el {until}, que no es después de su comienzo, {from}",
            until = until,
            from = from
        );
        return Err(At::place(place, what));
    }
    Ok((from, until))
}

fn moment(written: Option<&Spanned<Datetime>>) -> Checked<Option<Timestamp>> {
    let Some(place) = written else {
        return Ok(None);
    };
    let written = place.get_ref();
    if written.offset.is_none() {
        let what = mistake!(
            "'{written}' is another moment in every time zone; write the zone too, like 2026-01-31T18:00:00Z or 2026-01-31T18:00:00+01:00",
            "'{written}' es un momento distinto en cada zona horaria; escriba también la zona, como 2026-01-31T18:00:00Z o 2026-01-31T18:00:00+01:00",
            written = written
        );
        return Err(At::place(place, what));
    }
    let moment = written.to_string().parse();
    moment.map(Some).map_err(|_| {
        let what = mistake!(
            "'{written}' is no moment of the calendar",
            "'{written}' no es un momento del calendario",
            written = written
        );
        At::place(place, what)
    })
}

/// How fast.
pub(super) fn limits(raw: &raw::Limits, warnings: &mut Vec<At>) -> Checked<Limits> {
    let limits = Limits {
        rate: least_one("rate", raw.rate.as_ref())?,
        host_rate: least_one("host_rate", raw.host_rate.as_ref())?,
        max_inflight: least_one("max_inflight", raw.max_inflight.as_ref())?,
        host_inflight: least_one("host_inflight", raw.host_inflight.as_ref())?,
    };
    for (all, host, of_all, of_host) in [
        (limits.rate, limits.host_rate, "rate", &raw.host_rate),
        (
            limits.max_inflight,
            limits.host_inflight,
            "max_inflight",
            &raw.host_inflight,
        ),
    ] {
        if let (Some(all), Some(host), Some(place)) = (all, host, of_host)
            && host > all
        {
            let what = mistake!(
                "{host} for each host is never reached: '{of_all}' is {all} for all of them",
                "nunca se llega a {host} por equipo: '{of_all}' es {all} para todos juntos",
                host = host,
                of_all = of_all,
                all = all
            );
            warnings.push(At::place(place, what));
        }
    }
    Ok(limits)
}

fn least_one(key: &str, limit: Option<&Spanned<u32>>) -> Checked<Option<u32>> {
    match limit {
        Some(place) if *place.get_ref() == 0 => {
            let what = mistake!(
                "'{key}' is 0, which would allow nothing; write at least 1, or leave it out",
                "'{key}' es 0, que no permitiría nada; escriba al menos 1, o quítelo",
                key = key
            );
            Err(At::place(place, what))
        }
        other => Ok(other.map(|place| *place.get_ref())),
    }
}
