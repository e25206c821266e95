//! What can go wrong with a store.

use picaporte_store::{Doing, Part, StoreError};

use super::Spanish;
use super::system::said;
use crate::report::Lang;

impl Spanish for StoreError {
    fn spanish(&self) -> String {
        match self {
            Self::NoPlace => {
                "no hay lugar para el almacén: ni XDG_STATE_HOME ni HOME contienen una ruta absoluta; indique un fichero con --store FILE, o no guarde nada con --store none".to_owned()
            }
            Self::Missing { path } => format!(
                "al abrir el almacén '{}': ese fichero no existe; lo crea un escaneo que se guarde en él",
                path.display()
            ),
            Self::NotMade { path, reason } => format!(
                "al crear el almacén '{}': {}; indique otro fichero con --store FILE, o no guarde nada con --store none",
                path.display(),
                said(Lang::Es, reason)
            ),
            Self::NotAStore { path } => format!(
                "al abrir el almacén '{}': no es un almacén de Picaporte, y se dejó como estaba; indique otro fichero con --store FILE",
                path.display()
            ),
            Self::Newer { path, found, known } => format!(
                "al abrir el almacén '{}': lo escribió una versión posterior de Picaporte (formato {found}; esta conoce hasta el {known}); use esa versión, u otro fichero con --store FILE",
                path.display()
            ),
            Self::Damaged { doing, path, detail } => format!(
                "{} el almacén '{}': está dañado ({detail}); recupere una copia, o retírelo y empiece otro",
                tried(*doing),
                path.display()
            ),
            Self::ReadOnly { doing, path } => format!(
                "{} el almacén '{}': no se puede escribir en él; dé permiso de escritura en el fichero y en su directorio, o indique otro fichero con --store FILE",
                tried(*doing),
                path.display()
            ),
            Self::Locked { doing, path } => format!(
                "{} el almacén '{}': otro programa lo tiene bloqueado; termine ese programa, o indique otro fichero con --store FILE",
                tried(*doing),
                path.display()
            ),
            Self::Full { doing, path } => format!(
                "{} el almacén '{}': el disco está lleno; haga sitio: lo guardado antes sigue ahí, y el escaneo puede continuarse",
                tried(*doing),
                path.display()
            ),
            Self::Failed { doing, path, reason } => format!(
                "{} el almacén '{}': {}; revise el disco, o indique otro fichero con --store FILE",
                tried(*doing),
                path.display(),
                said(Lang::Es, reason)
            ),
            other => of_scan(other),
        }
    }
}

/// What is wrong with one scan of a store.
fn of_scan(error: &StoreError) -> String {
    match error {
        StoreError::Slow { path, waiting } => format!(
            "al guardar lo encontrado en el almacén '{}': el disco es demasiado lento, {waiting} bytes esperan a escribirse; indique un fichero en otro disco con --store FILE: lo guardado antes sigue ahí",
            path.display()
        ),
        StoreError::TakenOver { path, id } => format!(
            "al guardar lo encontrado en el almacén '{}': otro proceso continúa el escaneo {id}; termine uno de los dos",
            path.display()
        ),
        StoreError::Gone { path, id } => format!(
            "al guardar lo encontrado en el almacén '{}': el fichero se borró, movió o sustituyó durante el escaneo {id}, que ya no se guarda; devuélvalo a su lugar con su fichero -wal, o vuelva a escanear",
            path.display()
        ),
        StoreError::NoSuchScan { path, wanted } => format!(
            "no hay ningún escaneo '{wanted}' en el almacén '{}'; 'picaporte history' muestra los que hay",
            path.display()
        ),
        StoreError::Ambiguous {
            path,
            wanted,
            first,
        } => format!(
            "por '{wanted}' empieza más de un escaneo del almacén '{}', entre ellos {first}; escriba más caracteres",
            path.display()
        ),
        StoreError::Exists { path, id } => format!(
            "ya hay un escaneo {id} en el almacén '{}'; dé al nuevo otro nombre",
            path.display()
        ),
        StoreError::Finished { id } => format!(
            "el escaneo {id} está completo: no hay nada que continuar; vuelva a escanear, o muéstrelo con 'picaporte show {id}'"
        ),
        StoreError::Altered { path, id, what } => format!(
            "el escaneo {id} del almacén '{}' se alteró después de guardarse: {} no concuerda con sus resúmenes criptográficos; no se fíe de él",
            path.display(),
            part(*what)
        ),
        // A later version of the store may know more errors.
        other => other.to_string(),
    }
}

/// The words before "el almacén".
const fn tried(doing: Doing) -> &'static str {
    match doing {
        Doing::Opening => "al abrir",
        Doing::Beginning => "al empezar un escaneo en",
        Doing::GoingOn => "al continuar un escaneo en",
        Doing::Keeping => "al guardar lo encontrado en",
        Doing::Starting => "al crear el hilo para",
        Doing::Verifying => "al verificar un escaneo en",
        Doing::Resuming => "al leer por dónde continuar en",
        Doing::Listing => "al enumerar los escaneos en",
        Doing::Finding => "al buscar un escaneo en",
        Doing::Loading => "al leer un escaneo en",
    }
}

fn part(part: Part) -> String {
    match part {
        Part::Asked => "lo que se pidió".to_owned(),
        Part::Chunk(number) => format!("el bloque {number}"),
        Part::LastChunk => "el último bloque".to_owned(),
        Part::Progress(number) => format!("el avance del bloque {number}"),
        Part::GoesOn => "por dónde continúan sus partes".to_owned(),
        Part::OpenPorts => "la lista de puertos abiertos".to_owned(),
        Part::Sums => "lo sumado".to_owned(),
    }
}
