//! What users of other scanners type first, and what to write here; docs/coming-from.md says it at length.

use crate::report::Lang;

/// Options of other scanners, apart by blanks (with `*` whatever follows), and what to do instead, in English and in Spanish.
type Habit = (&'static str, &'static str, &'static str);

/// Those of nmap, `RustScan`, naabu and masscan; the first that fits counts.
#[rustfmt::skip]
const HABITS: &[Habit] = &[
    ("-sT -sT*", "every scan is a connect scan: leave it out", "todo escaneo es por connect(): quítela"),
    ("-sV -sV*", "write -V, or --identify", "escriba -V, o --identify"),
    ("-sL", "write --dry-run", "escriba --dry-run"),
    ("-sn -sP", "hosts are not looked for without scanning ports: leave it out", "no se buscan equipos sin escanear puertos: quítela"),
    ("-sU -sU* --udp", "UDP is not scanned: leave it out", "UDP no se escanea: quítela"),
    ("-sC --script --script-args", "there are no scripts: leave it out", "no hay scripts: quítela"),
    ("-host -hL -hl", "write targets without an option: picaporte scan TARGET", "escriba los objetivos sin opción: picaporte scan TARGET"),
    ("-stream", "ports are told as they are found in --format hostport: leave it out", "los puertos se dicen según se hallan con --format hostport: quítela"),
    ("-silent", "write --format hostport -q", "escriba --format hostport -q"),
    ("-stats --stats --stats-every", "write --progress bar, or json", "escriba --progress bar, o json"),
    ("-source-ip -S --source-ip --adapter-ip", "write --source ADDR", "escriba --source ADDR"),
    ("-scan-all-ips -sa", "all addresses of a name are scanned: leave it out", "se escanean todas las direcciones de un nombre: quítela"),
    ("-s*", "every scan is a TCP connect scan: leave it out", "todo escaneo es por connect() de TCP: quítela"),
    ("-top-ports -tp --top-ports", "write -p common:N", "escriba -p common:N"),
    ("--top", "write -p common:1000, or leave it out", "escriba -p common:1000, o quítela"),
    ("-timeout -t --max-rtt-timeout --initial-rtt-timeout --min-rtt-timeout --connect-timeout", "write --timeout D (500ms, 2s), or leave it out: it follows the round trips", "escriba --timeout D (500ms, 2s), o quítela: se ajusta a los tiempos de ida y vuelta"),
    ("-T*", "write --pace gentle, normal or fast", "escriba --pace gentle, normal o fast"),
    ("-Pn -P*", "no host is left out for not answering: leave it out", "ningún equipo se deja por no responder: quítela"),
    ("-nmap-cli -nmap", "write -V for services; nmap reads -o FILE.xml in its own tools", "escriba -V para los servicios; las herramientas de nmap leen -o FILE.xml"),
    ("-nc -no-color", "write --color never", "escriba --color never"),
    ("-n*", "addresses are not looked up: leave it out", "no se preguntan los nombres de las direcciones: quítela"),
    ("-R", "write --reverse-dns", "escriba --reverse-dns"),
    ("--dns-servers --resolver --system-dns", "names are asked of this system's resolver: leave it out", "los nombres se preguntan al sistema: quítela"),
    ("-iL* -list -l --includefile", "write --targets-file FILE", "escriba --targets-file FILE"),
    ("-iR*", "targets are always named: none are made up", "los objetivos se indican siempre: no se inventa ninguno"),
    ("-interface -i --adapter", "write --interface NAME", "escriba --interface NAME"),
    ("-e", "write --interface NAME, or --exclude-ports PORTS for RustScan's", "escriba --interface NAME, o --exclude-ports PORTS por la de RustScan"),
    ("-A", "write -V for services; systems are not identified", "escriba -V para los servicios; los sistemas no se identifican"),
    ("-F", "write -p common:100", "escriba -p common:100"),
    ("-verify", "what happens after the handshake is always looked at: leave it out", "lo que pasa tras el saludo se mira siempre: quítela"),
    ("-version -passive -display-cdn -cdn-list", "leave it out", "quítela"),
    ("-v* -d*", "leave it out; --progress shows how far the scan is", "quítela; --progress muestra cuánto lleva el escaneo"),
    ("-b* --batch-size -c --max-parallelism", "leave it out, or write --max-inflight N", "quítela, o escriba --max-inflight N"),
    ("--min-parallelism --min-hostgroup --max-hostgroup", "leave it out: it follows what the network bears", "quítela: se ajusta a lo que la red aguanta"),
    ("--min-rate", "write --rate N for the most probes a second", "escriba --rate N para el máximo de sondas por segundo"),
    ("--max-rate -rate", "write --rate N", "escriba --rate N"),
    ("--scan-delay --max-scan-delay", "write --host-rate N: 1 s between probes is --host-rate 1", "escriba --host-rate N: 1 s entre sondas es --host-rate 1"),
    ("--max-retries --retries -retries --tries", "write --attempts N", "escriba --attempts N"),
    ("--version-intensity --version-light --version-all --version-trace", "write -V alone: the questions follow the answers", "escriba solo -V: las preguntas siguen a las respuestas"),
    ("--versiondb", "write --nmap-probes FILE", "escriba --nmap-probes FILE"),
    ("--banners", "write -V, or --identify", "escriba -V, o --identify"),
    ("--open", "that is the default: --show open", "es lo que se hace por defecto: --show open"),
    ("--reason", "reasons are always shown", "los motivos se muestran siempre"),
    ("--traceroute", "write --locate", "escriba --locate"),
    ("--ulimit -u", "descriptors are raised as far as the system lets", "los descriptores se suben hasta donde deja el sistema"),
    ("--range", "write -p 1-1000", "escriba -p 1-1000"),
    ("-resume --resume", "write: picaporte resume", "escriba: picaporte resume"),
    ("--wait -wait", "leave it out: the end waits for the last answer", "quítela: el final espera la última respuesta"),
    ("-r --scan-order --randomize-hosts", "ports are asked in random order, and --seed N repeats one; a range is -p 1-1000", "los puertos se sondean en orden aleatorio, y --seed N repite uno; un rango es -p 1-1000"),
    ("--addresses -a", "write targets without an option: picaporte scan TARGET", "escriba los objetivos sin opción: picaporte scan TARGET"),
    ("-exclude-hosts -eh -exclude-addresses -x --exclude-addresses", "write --exclude TARGET", "escriba --exclude TARGET"),
    ("-exclude-file -ef", "write --exclude-file FILE", "escriba --exclude-file FILE"),
    ("-exclude-ports -ep", "write --exclude-ports PORTS", "escriba --exclude-ports PORTS"),
    ("--excludefile", "write --exclude-file FILE", "escriba --exclude-file FILE"),
    ("-exclude-cdn -ec -cdn", "which network an address belongs to is not known: write --exclude TARGET", "no se sabe de qué red es una dirección: escriba --exclude TARGET"),
    ("-json -j", "write --format naabu, or --format jsonl for all that is known", "escriba --format naabu, o --format jsonl para todo lo que se sabe"),
    ("-csv", "write --format csv", "escriba --format csv"),
    ("-iv -ip-version", "write -4 or -6", "escriba -4 o -6"),
    ("--greppable", "write --format hostport, or -o FILE.gnmap", "escriba --format hostport, o -o FILE.gnmap"),
    ("--accessible", "write --color never", "escriba --color never"),
    ("--shards", "write --shard I/N", "escriba --shard I/N"),
    ("-g*", "source ports are the system's: leave it out; RustScan's is --format hostport", "los puertos de origen los pone el sistema: quítela; la de RustScan es --format hostport"),
    ("--source-port --adapter-port", "source ports are the system's: leave it out", "los puertos de origen los pone el sistema: quítela"),
    ("-D* -f --decoys --mtu --spoof-mac --data-length --badsum --ttl", "nothing is forged or hidden: leave it out", "nada se falsea ni se oculta: quítela"),
    ("-O --osscan-guess --osscan-limit", "systems are not identified: leave it out", "los sistemas no se identifican: quítela"),
];

/// What to write for a word, if the option in it is such a habit; `arg` is the option as the parser has it.
pub(super) fn hint(word: &str, arg: &str, lang: Lang) -> Option<&'static str> {
    let typed = word.split_once('=').map_or(word, |(option, _)| option);
    let fits = |habit: &str| match habit.strip_suffix('*') {
        Some(beginning) => word.starts_with(beginning),
        None => typed == habit || (habit.starts_with("--") && arg == habit),
    };
    let (_, en, es) = HABITS
        .iter()
        .find(|(options, ..)| options.split(' ').any(fits))?;
    Some(lang.either(en, es))
}

#[cfg(test)]
mod tests;
