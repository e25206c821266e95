//! Names, each read by itself and held against the others.

use picaporte_core::target::{NoLookup, Target, What};
use picaporte_toml::{At, Checked, Text, mistake};
use toml::Spanned;

use crate::scope::{MOST_NAMES, raw};

pub(super) fn names(list: &[Spanned<String>]) -> Checked<Vec<String>> {
    let mut names = Vec::with_capacity(list.len());
    for place in list {
        let name = name(place)?;
        if !names.contains(&name) {
            names.push(name);
        }
        if names.len() > MOST_NAMES {
            let what = mistake!(
                "more than {most} names; write networks instead",
                "más de {most} nombres; escriba redes en su lugar",
                most = MOST_NAMES
            );
            return Err(At::place(place, what));
        }
    }
    Ok(names)
}

fn name(place: &Spanned<String>) -> Checked<String> {
    let text = place.get_ref().trim();
    let wrong = |what: Text| At::place(place, what);
    if text.contains('*') {
        return Err(wrong(mistake!(
            "'{text}' stands for names that can't be listed; write each name, or the network that they are in",
            "'{text}' representa nombres que no se pueden enumerar; escriba cada nombre, o la red en que están",
            text = text
        )));
    }
    let target = Target::parse(text, &NoLookup);
    match target.map(|target| (target.what, target.ports)) {
        Ok((What::Name(name), None)) => Ok(name),
        Ok((What::Name(_), Some(_))) => Err(wrong(mistake!(
            "'{text}' has a port; write the name alone, and ports = \"…\" for all of them",
            "'{text}' lleva un puerto; escriba el nombre solo, y ports = \"…\" para todos",
            text = text
        ))),
        Ok(_) => Err(wrong(mistake!(
            "'{text}' is an address; write it under networks",
            "'{text}' es una dirección; escríbala en networks",
            text = text
        ))),
        Err(_) => Err(wrong(mistake!(
            "'{text}' is no host name",
            "'{text}' no es un nombre de equipo",
            text = text
        ))),
    }
}

pub(super) fn few_enough(allowed: &raw::Listed, excluded: &raw::Listed) -> Checked<()> {
    let all = allowed.names.len() + excluded.names.len();
    match excluded.names.last().or(allowed.names.last()) {
        Some(last) if all > MOST_NAMES => {
            let what = mistake!(
                "more than {most} names in all; write networks instead",
                "más de {most} nombres en total; escriba redes en su lugar",
                most = MOST_NAMES
            );
            Err(At::place(last, what))
        }
        _ => Ok(()),
    }
}

pub(super) fn names_contradict(allowed: &raw::Listed, excluded: &raw::Listed) -> Checked<()> {
    let denied: Vec<String> = names(&excluded.names)?;
    for place in &allowed.names {
        let name = name(place)?;
        if denied.contains(&name) {
            let what = mistake!(
                "'{name}' is allowed here and excluded below [excluded]; take one of the two out",
                "'{name}' está permitido aquí y excluido en [excluded]; quite uno de los dos",
                name = name
            );
            return Err(At::place(place, what));
        }
    }
    Ok(())
}

pub(super) fn twice(names: &[Spanned<String>], warnings: &mut Vec<At>) {
    let mut seen = std::collections::BTreeSet::new();
    for place in names {
        let text = place.get_ref().trim().to_ascii_lowercase();
        if !seen.insert(text.trim_end_matches('.').to_owned()) {
            warnings.push(At::place(
                place,
                mistake!(
                    "'{text}' is written twice; keep one",
                    "'{text}' está dos veces; deje uno",
                    text = text
                ),
            ));
        }
    }
}
