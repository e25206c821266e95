//! What is said on standard error, in Spanish: by `--lang`, also where the command line can't be read, or by the locale.

use crate::refused::REFUSED;
use crate::{file_with, must_refuse, path, picaporte, program, refuse, text, words};

/// Words that are English and nothing else, and names of nothing that is written on a command line.
const ENGLISH: &[&str] = &[
    "the",
    "and",
    "of",
    "from",
    "is",
    "are",
    "to",
    "with",
    "not",
    "by",
    "at",
    "which",
    "be",
    "it",
    "that",
    "there",
    "this",
    "write",
    "file",
    "can't",
    "address",
    "ports",
    "host",
    "another",
    "or",
    "for",
    "more",
    "than",
    "nothing",
    "line",
    "leave",
    "unknown",
    "needs",
    "missing",
    "used",
    "no such",
    "directory",
];

#[track_caller]
fn is_spanish(said: &str) {
    // What is quoted is the user's.
    let mut unquoted = String::new();
    for (i, piece) in said.split('\'').enumerate() {
        if i % 2 == 0 {
            unquoted.push_str(piece);
        }
    }
    let mut found = unquoted.split(|c: char| !c.is_alphabetic() && !"-_=".contains(c));
    assert_eq!(found.find(|word| ENGLISH.contains(word)), None, "{said}");
}

/// Everything that is refused is refused in Spanish too, in one line, and what is the user's stands in it.
#[test]
fn bad_input_is_one_line_in_spanish() {
    for (line, says) in REFUSED.iter().filter(|(line, _)| line.contains(' ')) {
        let mut line = words(line);
        line.extend(["--lang", "es"]);
        // Commands without the option speak the language of the locale; see below.
        if ["completions", "man", "scna"].contains(&line[0]) || line.contains(&"--list-ports") {
            continue;
        }
        let output = refuse(&line);
        let quoted = says.iter().filter(|piece| piece.starts_with('\''));
        must_refuse(&output, &quoted.copied().collect::<Vec<_>>());
        is_spanish(text(&output.stderr));
    }
}

#[test]
fn the_locale_speaks_where_nothing_else_does() {
    for line in [
        "",
        "scna 127.0.0.1",
        "man nosuchcommand",
        "completions nosuchshell",
        "scan --list-ports nosuchservice",
        "scan --dry-run",
        "scan --dry-run 127.0.0.1 --lang",
    ] {
        let mut command = program(&words(line));
        let output = command.env("LC_ALL", "es_ES.UTF-8").output();
        let output = output.expect("the program runs");
        must_refuse(&output, &[]);
        is_spanish(text(&output.stderr));
    }
    let mut command = program(&words("scan --dry-run 300.1.1.1 --lang en"));
    let output = command.env("LC_ALL", "es_ES.UTF-8").output();
    must_refuse(
        &output.expect("the program runs"),
        &["is not an IPv4 address"],
    );
}

#[test]
fn files_that_are_wrong_are_named_in_spanish() {
    let list = file_with("127.0.0.1\n# nada\n127.0.0.300\n");
    let list = path(list.path());
    for (line, says) in [
        (&["--targets-file", list][..], "línea 3: '127.0.0.300'"),
        (&["127.0.0.1", "--targets-file", "/no/such"], "no existe"),
        (&["127.0.0.1", "--scope", "/no/such"], "no se puede leer"),
        (
            &["127.0.0.1", "--since", "/no/such", "--format", "html"],
            "no es un fichero",
        ),
        (
            &["127.0.0.1", "--since", list, "--format", "html"],
            "empieza por '127.0.0.1'",
        ),
    ] {
        let line = [&["scan"], line, &["--lang", "es"]].concat();
        let output = refuse(&line);
        must_refuse(&output, &[says]);
        is_spanish(text(&output.stderr));
    }
}

/// What stands in a scan's file that can't be, what other programs write, and what is missing.
#[test]
fn files_of_scans_are_spoken_of_in_spanish() {
    let port = |rest: &str| format!("{{\"type\":\"port\",\"ip\":\"192.0.2.7\"{rest}}}\n");
    for (text, says) in [
        (String::new(), "está vacío"),
        ("{}\n".to_owned(), "línea 1: al leer el JSON: "),
        (port(",\"port\":0,\"state\":\"open\""), "el puerto 0"),
        (
            port(",\"port\":1,\"state\":\"ajar\""),
            "'ajar' no es el estado",
        ),
        (
            "{\"type\":\"scan\",\"schema\":9}".to_owned(),
            "una versión posterior",
        ),
        ("<html>".to_owned(), "byte 0: <html> en lugar de <nmaprun>"),
        (
            "<nmaprun><host><status/></host></nmaprun>".to_owned(),
            "<status> no tiene 'state'",
        ),
    ] {
        let file = file_with(&text);
        for line in [
            &["diff", path(file.path()), path(file.path())][..],
            &["check", "--init", path(file.path())],
        ] {
            let output = refuse(&[line, &["--lang", "es"]].concat());
            must_refuse(&output, &[says]);
            is_spanish(text_of(&output));
        }
    }
    let output = refuse(&words("check policy.toml --lang es"));
    must_refuse(&output, &["falta SCAN o TARGET"]);
}

fn text_of(output: &std::process::Output) -> &str {
    text(&output.stderr)
}

#[test]
fn stores_are_spoken_of_in_spanish() {
    let no_store = file_with("nada de SQLite, pero bastante largo para parecerlo de lejos");
    for (line, says) in [
        ("resume", "ahí no se guarda ningún escaneo"),
        ("history", "ahí no se guarda ningún escaneo"),
        ("history --host 127.0.0.0/8", "no es una sola dirección"),
        ("history --since ayer", "escriba una fecha"),
        ("show --store /no/such/store.db", "ese fichero no existe"),
        ("resume --store /no/such/store.db", "ese fichero no existe"),
    ] {
        let output = picaporte(&[&words(line)[..], &["--lang", "es"]].concat());
        must_refuse(&output, &[says]);
        is_spanish(text(&output.stderr));
    }
    let line = ["show", "--lang", "es", "--store", path(no_store.path())];
    must_refuse(&picaporte(&line), &["no es un almacén de Picaporte"]);
}

#[test]
fn a_dry_run_and_its_warnings_are_in_spanish() {
    let line = "scan 255.255.255.0/24 10.80.0.0/24 2001:db8::1 -4 -p 1-1000 --dry-run --seed 7 -V --reverse-dns --lang es";
    let output = picaporte(&words(line));
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    for piece in [
        "equipos  256\n",
        "sondas   256 000\n",
        "semilla  7\n",
        "tiempo   unos ",
        "escribe  table en la salida estándar\n",
        "guarda   nada, ",
        "pregunta a los puertos abiertos qué son: a cada uno con un máximo de 14 conexiones, 20 preguntas y 12 s de conexiones en pie, que el tiempo de arriba no incluye\n",
        "pregunta a los servidores de nombres de este sistema",
        "Un ensayo: no se envió ninguna sonda",
    ] {
        assert!(stdout.contains(piece), "{piece}: {stdout}");
    }
    for line in stderr.lines() {
        assert!(line.starts_with("aviso: "), "{stderr}");
        is_spanish(line);
    }
    assert!(stderr.contains("se omite 255.255.255.0-255.255.255.255"));
    assert!(stderr.contains("-4 excluye '2001:db8::1'"), "{stderr}");
}

/// The scan inside a check tells of itself in the language that the check was asked for.
#[test]
fn a_check_hands_its_language_to_its_scan() {
    let policy = file_with(
        "otherwise = 'may'\n[[rule]]\nname = 'r'\nreason = 'es así'\nhosts = ['127.0.0.1']\nmust_not = '1'\n",
    );
    let folder = tempfile::tempdir().expect("a folder");
    let page = folder.path().join("page.html");
    let told = |options: &[&str]| {
        let line = ["check", path(policy.path()), "127.0.0.1", "--lang", "es"];
        let scan = ["--", "-p", "1", "--max-time", "5s", "-o", path(&page)];
        let output = picaporte(&[&line[..], &scan[..], options].concat());
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        std::fs::read_to_string(&page).expect("a page")
    };
    assert!(told(&[]).contains("<html lang=\"es\">"));
    assert!(told(&["--lang", "en"]).contains("<html lang=\"en\">"));
    let line = ["check", path(policy.path()), "127.0.0.1", "--lang", "es"];
    let output = picaporte(&[&line[..], &["--", "--rate", "0"]].concat());
    must_refuse(&output, &["tras --: --rate '0': escriba un número entero"]);
}
