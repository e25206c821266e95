//! What can go wrong with a store.

use std::path::Path;

use picaporte_store::{Bad, Doing, Part, StoreError, Why};

use super::Spanish;
use super::system::said;
use crate::report::Lang;

/// What to do, where another file would do.
const OTHER: &str = "indique otro fichero con --store FILE";
const OTHER_OR_NONE: &str =
    "indique otro fichero con --store FILE, o no guarde nada con --store none";

impl Spanish for StoreError {
    fn spanish(&self) -> String {
        match self {
            Self::NoPlace => format!(
                "no hay lugar para el almacén: ni XDG_STATE_HOME ni HOME contienen una ruta absoluta; {}",
                OTHER_OR_NONE.replace("otro", "un")
            ),
            Self::Missing { path } => on(
                tried(Doing::Opening),
                path,
                "ese fichero no existe; lo crea un escaneo que se guarde en él",
            ),
            Self::NotMade { path, reason } => on(
                "al crear",
                path,
                &format!("{}; {OTHER_OR_NONE}", said(Lang::Es, reason)),
            ),
            Self::NotAStore { path } => on(
                tried(Doing::Opening),
                path,
                &format!("no es un almacén de Picaporte, y se dejó como estaba; {OTHER}"),
            ),
            Self::Newer { path, found, known } => on(
                tried(Doing::Opening),
                path,
                &format!(
                    "lo escribió una versión posterior de Picaporte (formato {found}; esta conoce hasta el {known}); use esa versión, u otro fichero con --store FILE"
                ),
            ),
            Self::Damaged {
                doing,
                path,
                detail,
            } => on(
                tried(*doing),
                path,
                &format!(
                    "está dañado ({}); recupere una copia, o retírelo y empiece otro",
                    detail.spanish()
                ),
            ),
            Self::ReadOnly { doing, path } => on(
                tried(*doing),
                path,
                &format!(
                    "no se puede escribir en él; dé permiso de escritura en el fichero y en su directorio, o {OTHER}"
                ),
            ),
            Self::Locked { doing, path } => on(
                tried(*doing),
                path,
                &format!("otro programa lo tiene bloqueado; termine ese programa, o {OTHER}"),
            ),
            Self::Full { doing, path } => on(
                tried(*doing),
                path,
                "el disco está lleno; haga sitio: lo guardado antes sigue ahí, y el escaneo puede continuarse",
            ),
            Self::Failed {
                doing,
                path,
                reason,
            } => on(
                tried(*doing),
                path,
                &format!("{}; revise el disco, o {OTHER}", reason.spanish()),
            ),
            other => of_scan(other),
        }
    }
}

/// What is wrong with one scan of a store.
fn of_scan(error: &StoreError) -> String {
    let keeping = tried(Doing::Keeping);
    match error {
        StoreError::Slow { path, waiting } => on(
            keeping,
            path,
            &format!(
                "el disco es demasiado lento, {waiting} bytes esperan a escribirse; indique un fichero en otro disco con --store FILE: lo guardado antes sigue ahí"
            ),
        ),
        StoreError::TakenOver { path, id } => on(
            keeping,
            path,
            &format!("otro proceso continúa el escaneo {id}; termine uno de los dos"),
        ),
        StoreError::Gone { path, id } => on(
            keeping,
            path,
            &format!(
                "el fichero se borró, movió o sustituyó durante el escaneo {id}, que ya no se guarda; devuélvalo a su lugar con su fichero -wal, o vuelva a escanear"
            ),
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

/// What was tried, on which file, and what came of it.
fn on(tried: &str, path: &Path, what: &str) -> String {
    format!("{tried} el almacén '{}': {what}", path.display())
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

impl Spanish for Why {
    fn spanish(&self) -> String {
        match self {
            Self::System(words) => said(Lang::Es, words),
            // SQLite has no other language.
            Self::Database(words) => format!("SQLite dice '{words}'"),
            Self::Record(bad) => bad.spanish(),
            Self::Fault => "un fallo de este programa".to_owned(),
        }
    }
}

impl Spanish for Bad {
    fn spanish(&self) -> String {
        match self {
            Self::CutOff => "un registro está cortado",
            Self::Wide => "un número tiene más de 64 bits",
            Self::Large => "un número es demasiado grande para su campo",
            Self::Text => "un texto no está en UTF-8",
            Self::Mapped => "una dirección IPv4 está escrita como IPv6",
            Self::Family => "una dirección no es ni IPv4 ni IPv6",
            Self::AddressTail => "a una dirección le siguen otros bytes",
            Self::Range => "un rango de direcciones no tiene final",
            Self::Host => "el número de un equipo tiene más de 64 bits",
            Self::PortAbove => "un puerto es mayor que 65535",
            Self::ZeroInSet => "el puerto 0 está en un conjunto",
            Self::PortZero => "un puerto es 0",
            Self::Reason => "un motivo tiene un número desconocido",
            Self::Kinds => "un equipo tiene más clases de errores ICMP de las que se cuentan",
            Self::Close => "una conexión terminó de un modo desconocido",
            Self::Doubt => "un puerto es sospechoso por un motivo desconocido",
            Self::Grade => "un puerto abierto tiene un grado desconocido",
            Self::NotANote => "hay un puerto donde había una nota",
            Self::OtherNote => "una nota es de otro puerto",
            Self::Counts => "un escaneo cuenta mal sus bloques o quiénes lo escriben",
            Self::Log => "una anotación no está en bytes",
            Self::State => "un escaneo tiene un estado desconocido",
            Self::Source => "el origen de un escaneo no es una dirección",
            Self::Id => "el nombre de un escaneo no es un ULID",
            Self::Json => "una lista no es el JSON que debe ser",
        }
        .to_owned()
    }
}
