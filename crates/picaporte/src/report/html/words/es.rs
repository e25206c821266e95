//! The page in Spanish.

use picaporte_core::policy::Policy;
use picaporte_core::{Grade, Reason, State, Suspicion};

use super::{Noun, Words};
use crate::report::Lang;

const fn noun(one: &'static str, many: &'static str) -> Noun {
    Noun { one, many }
}

pub(super) static WORDS: Words = Words {
    lang: Lang::Es,
    title: "Escaneo de puertos TCP",
    contents: "Contenido",
    cut_off: "Esta página quedó a medias: el escaneo sigue en marcha o lo mataron. Lo que falta no llegó a escribirse. Si el escaneo \
              está guardado, picaporte show vuelve a escribir la página.",

    host: noun("equipo", "equipos"),
    port: noun("puerto", "puertos"),
    open_port: noun("puerto abierto", "puertos abiertos"),
    probe: noun("sonda", "sondas"),
    attempt: noun("intento", "intentos"),

    answer_open: "{0} en {1} de {2}",
    answer_none: "Ningún puerto abierto en {0}",
    all_tested: "se comprobaron todas las sondas previstas.",
    left_as_asked: "completo, salvo {0} que se dejaron sin comprobar porque así se pidió.",
    incomplete: "INCOMPLETO: quedaron sin comprobar {0} de las {1} sondas previstas.",
    fault: "FALLO: las cuentas no cuadran con lo previsto. Es un error de Picaporte; comuníquelo y adjunte esta página.",
    everything: "De ellos, {0} corresponden a {1} que responden en todos los puertos probados, incluso donde no es verosímil que \
                 haya un servicio: no significan nada y se omiten a continuación.",

    coverage: "Cobertura",
    coverage_sum: "{0} previstas = {1} comprobadas + {2} sin comprobar. Una sonda es un puerto de un equipo.",
    coverage_bar: "Proporción de las sondas previstas en cada estado",
    state: "Estado",
    share: "Proporción",
    reasons: "Motivos",
    untested_why: "Qué quedó sin comprobar y por qué",
    never_begun: "Sin empezar: {0} de {1}; sus puertos están contados arriba.",

    ports: "Puertos abiertos",
    ports_by_number: "Puertos abiertos por número",
    ports_none: "No se encontró ningún puerto abierto.",
    ports_more: "Abiertos en menos equipos y no listados aquí: {0}.",
    service: "Servicio habitual",
    hosts_open: "Equipos que lo tienen abierto",
    evidence: "Pruebas",
    evidence_folded: "Plegado: aquí figuran las pruebas de {0} de {1}. Los demás están por equipo en el apéndice, y con sus pruebas en \
                      los formatos json, jsonl y csv.",
    grade: "Grado",
    grades: "Hasta qué punto es creíble un puerto abierto",
    suspect_means: "Puede que responda algo distinto de un servicio.",
    peer: "MSS {0}, ventana {1}",
    closed_with: "cierre con {0}",

    map: "Mapa de equipos y puertos",
    map_reads: "Cada fila es un equipo, o una red de varios. Cada bloque es un puerto: su altura y su color indican el estado; en una \
                fila de varios equipos, el ancho se reparte según cuántos hay en cada estado.",
    map_folded: "Plegado: {0} comparten {1} filas, por redes.",
    map_columns: "De los {0} puertos abiertos en algún equipo, tienen columna los {1} abiertos en más equipos; la última columna reúne \
                  los demás puertos.",
    map_networks: "Plegado: hay más de {0} equipos. Cada fila es una red, y todos los puertos comparten una columna.",
    map_ragged: "Solo en la última columna, porque sus puertos forman demasiados rangos separados para dibujarlos: {0}.",
    map_others: "otras redes",
    map_rest: "otros puertos",
    map_all: "todos los puertos",
    map_text: "El mapa como texto",
    map_none: "No se terminó ningún equipo: no hay nada que dibujar.",

    firewalls: "Cortafuegos y lo que rechazan",
    rejects: "Rechazos por dispositivo y error ICMP",
    rejects_none: "No llegó ningún error ICMP.",
    rejects_untold: "Además se rechazaron {0}, fuera de las clases que se guardan.",
    from: "Origen",
    unknown: "desconocido",
    policies: "Qué se hace con los puertos por defecto",
    policy_none: "Ningún equipo mostró una política por defecto.",
    located: "Dónde se responde a los puertos",
    located_folded: "Plegado: se listan {0} de {1}.",
    located_counts: "Localizados: {0}. No se pudo: {1}. Omitidos por ser demasiados: {2}.",
    where_answered: "Dónde y quién responde",
    hops: "Saltos",

    scope: "Alcance y autorización",
    scope_none: "No se indicó ningún fichero de alcance: nada dice aquí quién autorizó este escaneo.",
    scope_file: "Fichero de alcance",
    authorised_by: "Autorizado por",
    nobody: "no consta nadie",
    contact: "Contacto",
    valid: "Vigencia",
    valid_between: "desde {0} hasta {1}",
    allowed: "Permitido",
    excluded: "Excluido",
    any: "cualquiera",
    nothing: "nada",
    and_more: "y {0} más",
    lowered: "Límites que el alcance reduce",
    lowered_to: "{0} {1}, no {2}",
    no_cap: "sin límite",
    outside: "Fuera del alcance",
    outside_are: "{0}; no se les envió nada",
    planned: "Previsto",
    planned_are: "{0} en {1}",
    shard: "parte {0} de {1} del plan",

    method: "Método y condiciones",
    how: "Cada puerto se probó con un connect() de TCP ordinario, de modo que todo puerto abierto vio el saludo completo; las conexiones \
          se cerraron en orden. Al silencio se le volvió a preguntar cuantas veces pide la pérdida medida. No se falsificó ningún \
          paquete ni se hizo nada por pasar inadvertido.",
    scan: "Escaneo",
    program: "Programa",
    started: "Inicio",
    finished: "Fin",
    elapsed: "Duración",
    from_where: "Desde dónde",
    source: "Dirección de origen",
    source_by_route: "según las rutas del sistema",
    command: "Línea de órdenes",
    seed: "Semilla",
    sent: "Intentos",
    sent_at: "{0}, {1} por segundo",
    extra: "Además de lo previsto",
    extra_are: "{0}; no están en ninguna cuenta de arriba",
    extra_checks: "{0} para verificar respuestas",
    loss: "Pérdida",
    loss_is: "{0} % de los SYN a puertos que al final respondieron ({1} de {2}), sin los enviados mientras no volvía nada",
    loss_unknown: "no se midió: ningún puerto respondió con SYN-ACK o RST",
    missed: "Puertos abiertos que se espera haber pasado por alto",
    missed_few: "menos de 0,01",
    outages: "Cortes",
    outages_are: "{0} en que no volvió nada de nadie, {1} en total; lo preguntado entonces se volvió a preguntar",
    outages_pace: "después, más despacio: {0} por segundo como mínimo",
    slowed: "Más despacio con",
    slowed_are: "{0} que callaron durante un tiempo",
    kept: "Guardado como",
    kept_as: "SHA-256",
    not_kept: "no se guardó en ningún almacén",

    hosts: "Apéndice: todos los equipos",
    hosts_none: "No se terminó ningún equipo.",
    hosts_folded: "Plegado: {0} no se listan uno a uno; de ellos, {1} tienen puertos abiertos ({2} en total). Están en todas las cuentas \
                   y en el mapa; los formatos json y jsonl los listan.",
    no_address: "sin dirección",
    reverse: "DNS inverso:",
    notes: "Notas",
    host_everything: "responde a todo: sus puertos abiertos no significan nada",
    host_rejected: "rechazados: {0}",
    host_policy: "por defecto, {0}",
    host_rationed: "limita los ICMP: el silencio puede ser un rechazo que no se envió",
    host_differ: "salvo los puertos abiertos y {0}",
    host_slowed: "calló; como mínimo, {0} por segundo",
    host_unfinished: "sin terminar; abiertos hasta ahora",

    states,
    graded,
    because,
    policy,
};

fn states(state: State) -> (&'static str, &'static str) {
    match state {
        State::Open => ("abierto", "Llegó un SYN-ACK: algo acepta conexiones."),
        State::Closed => (
            "cerrado",
            "Llegó un RST: el equipo está ahí y nada escucha.",
        ),
        State::Filtered => (
            "filtrado",
            "Llegó un error ICMP, o nada tras suficientes intentos: algo en el camino rechaza o descarta.",
        ),
        State::Untested => (
            "sin comprobar",
            "No se pudo preguntar. No se sabe nada de él.",
        ),
    }
}

fn graded(grade: Option<Grade>) -> (&'static str, &'static str) {
    match grade {
        Some(Grade::Confirmed) => (
            "confirmado",
            "El saludo y lo que vino después son los de un servicio.",
        ),
        Some(Grade::HandshakeOnly) => ("solo saludo", "Después del saludo no llegó nada."),
        Some(Grade::Suspect(Suspicion::NoOptionsNoWindow)) => (
            "sospechoso",
            "No aceptó opciones de TCP ni tiene ventana para datos.",
        ),
        Some(Grade::Suspect(Suspicion::AnswersEverything)) => {
            ("sospechoso", "El equipo responde a todo.")
        }
        Some(Grade::Suspect(Suspicion::Nearer)) => {
            ("sospechoso", "Responde algo más cercano que el equipo.")
        }
        Some(Grade::Suspect(_)) => (
            "sospechoso",
            "Puede que responda algo distinto de un servicio.",
        ),
        None => ("sin observar", "La conexión no se observó hasta el final."),
    }
}

fn because(reason: Reason) -> &'static str {
    match reason {
        Reason::SynAck => "llegó un SYN-ACK",
        Reason::ConnRefused => "llegó un RST",
        Reason::NoResponse => "no llegó nada, por más que se preguntó",
        Reason::PortUnreach => "ICMP: puerto inalcanzable",
        Reason::HostUnreach => "ICMP: equipo inalcanzable, o no hay vecino",
        Reason::NetUnreach => "ICMP: red inalcanzable",
        Reason::ProtoUnreach => "ICMP: protocolo inalcanzable",
        Reason::AdminProhibited => "ICMP: prohibido por un administrador",
        Reason::HostProhibited => "ICMP: equipo prohibido",
        Reason::NetProhibited => "ICMP: red prohibida",
        Reason::TimeExceeded => "ICMP: tiempo agotado",
        untested => Lang::Es.untested_because(untested),
    }
}

fn policy(policy: Policy) -> &'static str {
    match policy {
        Policy::Silent => "silencio",
        Policy::Reject => "un error ICMP",
        Policy::Reset => "un RST",
    }
}
