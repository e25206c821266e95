//! What a Spanish text must not hold, for tests of texts.

/// Words that are English and nothing else, and no names of options, states or formats.
const ENGLISH: &[&str] = &[
    "the", "and", "of", "from", "was", "were", "is", "are", "to", "with", "not", "by", "at",
    "which", "be", "it", "its", "that", "there", "this", "write", "file", "name", "can't",
    "cannot", "scan", "address", "port", "ports", "host", "hosts", "probe", "probes", "another",
    "if", "or", "for", "more", "than", "nothing", "kept", "line", "leave", "out", "unknown",
    "needs", "missing", "used",
];

/// The first English word of a text that is to be Spanish, but for commands in it and what is quoted.
pub(crate) fn left(text: &str) -> Option<String> {
    let text = unquoted(&text.replace("picaporte scan", ""));
    let mut words = text.split(|c: char| !c.is_alphabetic() && !"-_'".contains(c));
    let found = words.find(|word| ENGLISH.contains(word));
    found.map(str::to_owned)
}

/// The text without what stands in quotation marks, which are no apostrophes.
fn unquoted(text: &str) -> String {
    let mut rest = format!(" {text}");
    let mut whole = String::new();
    while let Some((before, quoted)) = rest.split_once(" '") {
        whole.push_str(before);
        whole.push(' ');
        rest = quoted
            .split_once('\'')
            .map_or("", |(_, after)| after)
            .to_owned();
    }
    whole + &rest
}

#[test]
fn english_is_found_and_options_are_not() {
    assert_eq!(left("al abrir the almacén"), Some("the".to_owned()));
    assert_eq!(left("no se can't"), Some("can't".to_owned()));
    assert_eq!(left("'of' no es of"), Some("of".to_owned()));
    assert_eq!(
        left("escriba picaporte scan TARGET, o use --targets-file"),
        None
    );
    assert_eq!(left("--exclude-file 'the file', 'scan.txt'"), None);
}
