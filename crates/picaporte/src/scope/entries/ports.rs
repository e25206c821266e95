//! The ports of both lists.

use picaporte_core::PortSet;
use picaporte_core::target::Lookup;
use picaporte_toml::{At, Checked, mistake};
use toml::Spanned;

use crate::scope::raw;

type Ports = Option<PortSet>;

pub(super) fn ports(
    allowed: &raw::Listed,
    excluded: &raw::Listed,
    lookup: &dyn Lookup,
    warnings: &mut Vec<At>,
) -> Checked<(Ports, Ports)> {
    let read = |place: &Spanned<String>| {
        let set = PortSet::parse(place.get_ref(), &|name| lookup.service(name));
        set.map_err(|error| At::place(place, error))
    };
    let inside = allowed.ports.as_ref().map(read).transpose()?;
    let outside = excluded.ports.as_ref().map(read).transpose()?;
    if let (Some(place), Some(denied)) = (&excluded.ports, &outside) {
        let all = inside.clone().unwrap_or_else(PortSet::all);
        let left = all.minus(denied);
        if left.is_empty() {
            let what = mistake!(
                "every port that is allowed is excluded too; nothing is left to scan",
                "todos los puertos permitidos están también excluidos; no queda nada que escanear"
            );
            return Err(At::place(place, what));
        }
        if left == all {
            let what = mistake!(
                "it excludes nothing: none of these ports is allowed; leave it out",
                "no excluye nada: ninguno de estos puertos está permitido; quítelo"
            );
            warnings.push(At::place(place, what));
        }
    }
    Ok((inside, outside))
}
