//! What users of other scanners type first, and what to write here.

use crate::report::Lang;

/// An option of another scanner, and what to do instead, in English and in Spanish.
type Habit = (&'static str, &'static str, &'static str);

#[rustfmt::skip]
const HABITS: &[Habit] = &[
    ("-sT", "every scan is a connect scan: leave it out", "todo escaneo es por connect(): quítela"),
    ("-sV", "write -V, or --identify", "escriba -V, o --identify"),
    ("-sn", "hosts are not looked for without scanning ports: leave it out", "no se buscan equipos sin escanear puertos: quítela"),
    ("-s", "every scan is a TCP connect scan: leave it out", "todo escaneo es por connect() de TCP: quítela"),
    ("-T", "write --pace gentle, normal or fast", "escriba --pace gentle, normal o fast"),
    ("-P", "no host is left out for not answering: leave it out", "ningún equipo se deja por no responder: quítela"),
    ("-n", "addresses are not looked up: leave it out", "no se preguntan los nombres de las direcciones: quítela"),
    ("-iL", "write --targets-file FILE", "escriba --targets-file FILE"),
    ("-A", "write -V for services; systems are not identified", "escriba -V para los servicios; los sistemas no se identifican"),
    ("-F", "write -p common:100", "escriba -p common:100"),
    ("-v", "leave it out; --progress shows how far the scan is", "quítela; --progress muestra cuánto lleva el escaneo"),
    ("-b", "write --max-inflight N", "escriba --max-inflight N"),
    ("--batch-size", "write --max-inflight N", "escriba --max-inflight N"),
    ("--top-ports", "write -p common:N", "escriba -p common:N"),
    ("--min-rate", "write --rate N for the most probes a second", "escriba --rate N para el máximo de sondas por segundo"),
    ("--max-rate", "write --rate N", "escriba --rate N"),
    ("--max-retries", "write --attempts N", "escriba --attempts N"),
    ("--retries", "write --attempts N", "escriba --attempts N"),
    ("--tries", "write --attempts N", "escriba --attempts N"),
    ("--open", "that is the default: --show open", "es lo que se hace por defecto: --show open"),
    ("--reason", "reasons are always shown", "los motivos se muestran siempre"),
    ("--traceroute", "write --locate", "escriba --locate"),
    ("--ulimit", "descriptors are raised as far as the system lets", "los descriptores se suben hasta donde deja el sistema"),
    ("-iR", "targets are always named: none are made up", "los objetivos se indican siempre: no se inventa ninguno"),
    ("-r", "ports are asked in random order; --seed N repeats one", "los puertos se sondean en orden aleatorio; --seed N repite uno"),
    ("-e", "write --interface NAME", "escriba --interface NAME"),
    ("-g", "source ports are the system's: leave it out", "los puertos de origen los pone el sistema: quítela"),
    ("-O", "systems are not identified: leave it out", "los sistemas no se identifican: quítela"),
    ("--script", "there are no scripts: leave it out", "no hay scripts: quítela"),
];

/// What to write for a word, if the option in it is such a habit; `arg` is the option as the parser has it.
pub(super) fn hint(word: &str, arg: &str, lang: Lang) -> Option<&'static str> {
    let fits =
        |option: &str| word.starts_with(option) && (!option.starts_with("--") || arg == option);
    let (_, en, es) = HABITS.iter().find(|(option, ..)| fits(option))?;
    Some(lang.either(en, es))
}
