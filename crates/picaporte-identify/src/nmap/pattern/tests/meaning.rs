//! What Perl's regular expressions mean, case by case. Each answer was held against PCRE 8.39 itself.

use super::{compile, flags, found};

/// Pattern, flags, answer, what the groups take.
const CASES: &[(&str, &str, &[u8], &str)] = &[
    ("^a$", "", b"a\n", ""),
    ("^a$", "", b"a\n\n", "no"),
    ("^(.*)$", "", b"abc\n", "0:3"),
    ("^(.*)$", "s", b"abc\n", "0:4"),
    ("^(.*?)$", "s", b"abc\n", "0:3"),
    ("(foo$|bar)x?", "", b"foo\n", "0:3"),
    ("(a$)", "", b"ba\n", "1:2"),
    (r"a\z", "", b"a\n", "no"),
    (r"a\Z", "", b"a\n", ""),
    ("(.)(.)", "", b"\n\xff\x00", "1:2 2:3"),
    (r"^(\0\x00\x{41}\0101\07)$", "", b"\0\0A\x081\x07", "0:6"),
    (
        r"(\d+)(\D)(\w+)(\W)(\s)(\S)",
        "",
        b"12-a_b! x",
        "0:2 2:3 3:6 6:7 7:8 8:9",
    ),
    (r"(\w+)", "", b"\xe9a", "1:2"),
    (r"\bfoo\b", "", b"a foo.", ""),
    (r"\Boo", "", b"foo", ""),
    (r"([[:alpha:]_]+)([[:^digit:]])", "", b"9a_b.", "1:4 4:5"),
    ("([^]a]+)", "", b"]bc", "1:3"),
    ("([]a]+)", "", b"x]a", "1:3"),
    (r"([\w.-]+)", "", b"!a.b-c", "1:6"),
    (r"([^\W\d]+)", "", b"1ab_", "1:4"),
    ("a{2,}b{3}c{,2}", "", b"aabbbc{,2}", ""),
    ("{a}(b{c)", "", b"{a}b{c", "3:6"),
    ("(a)(?:b|(c))?d", "", b"ad", "0:1"),
    (r"(a)(b)?\1", "", b"aa", "0:1"),
    (r"(a)(b)?\2", "", b"aa", "no"),
    (r"(a)\g1\g{-1}", "", b"aaa", "0:1"),
    (r"(?<n>a)\k<n>(?P=n)", "", b"aaa", "0:1"),
    (r"(a)\1", "i", b"aA", "0:1"),
    ("stra\\xe9", "i", b"STRA\xc9", "no"),
    ("stra\\xe9", "i", b"STRA\xe9", ""),
    ("[a-c]+([^d])", "i", b"ABDx", "1:2"),
    ("(?i:A)b", "", b"ab", ""),
    ("(?:a(?i)b|c)d", "", b"Cd", ""),
    ("(?:a(?i)b|c)d", "", b"aBd", ""),
    ("(?s).(?-s)(.)", "", b"\na", "1:2"),
    ("(?x) a (b) # c", "", b"ab", "1:2"),
    ("(?U)(a+)(b*?)", "", b"abb", "0:1 1:3"),
    ("(?m)^(b)$", "", b"a\nb\nc", "2:3"),
    ("(?m)^$", "", b"a\n", "no"),
    ("(?>a+)ab", "", b"aab", "no"),
    ("a++(b)", "", b"aab", "2:3"),
    ("a*+a", "", b"aa", "no"),
    ("(?<=a)(b)", "", b"bab", "2:3"),
    ("(?<!a)(b)", "", b"abb", "2:3"),
    ("a(?!b)(.)", "", b"abac", "3:4"),
    ("x*(?=(y))", "", b"xxy", "2:3"),
    (r"\Qa.b\E+", "", b"a.bbb", ""),
    (r"\Qa.b", "", b"axb", "no"),
    (r"(\R)(\h)(\N)", "", b"\r\n\xa0z", "0:2 2:3 3:4"),
    (r"\cA[\b]\e\a\f\t", "", b"\x01\x08\x1b\x07\x0c\t", ""),
    (r"\<a\>\-\@\'", "", b"<a>-@'", ""),
    ("(?#what)(a)", "", b"a", "0:1"),
    ("(a|ab)(c|bcd)(d*)", "", b"abcd", "0:1 1:4 4:4"),
    ("((a)|(b))+", "", b"ab", "1:2 0:1 1:2"),
    ("(|a)b", "", b"ab", "0:1"),
    (
        r"(1)(2)(3)(4)(5)(6)(7)(8)(9)(0)\10",
        "",
        b"12345678900",
        "0:1 1:2 2:3 3:4 4:5 5:6 6:7 7:8 8:9",
    ),
    (r"(a)\10", "", b"a\x08", "0:1"),
];

#[test]
fn each_case_is_as_pcre_has_it() {
    for (pattern, letters, answer, taken) in CASES {
        let said = found(pattern.as_bytes(), letters, answer);
        assert_eq!(said, *taken, "{pattern:?} {letters:?} {answer:?}");
    }
}

#[test]
fn what_is_not_supported_is_refused_and_why_is_said() {
    for (pattern, why) in [
        ("(a", "a group without its )"),
        ("a)", "a ) that closes nothing"),
        ("[a", "a class without its ]"),
        ("*a", "a repetition of nothing"),
        ("^*", "a repetition of nothing"),
        ("a**", "a repetition of a repetition"),
        ("a{3,2}", "a repetition whose end lies before its beginning"),
        ("[b-a]", "a range that runs backwards"),
        (r"[a-\d]", "a range that ends with no byte"),
        ("[[:what:]]", "a POSIX class that does not exist"),
        ("[[.a.]]", "a collating element, which PCRE has not either"),
        (r"[\Qa\E]", "\\Q in a class, which is not supported"),
        (r"\2(a)", "a reference to a group that is not there"),
        (r"\k<n>", "a reference to a group that is not there"),
        (r"\x{100}", "an escape for more than one byte"),
        (r"\777", "an escape for more than one byte"),
        (r"\x{}", "an \\x{…} without hexadecimal digits"),
        (r"\X", "an escape that is not supported"),
        (r"a\Kb", "an escape that is not supported"),
        (r"\p{L}", "an escape that is not supported"),
        ("a\\", "a backslash at the end"),
        ("(?R)", "a kind of group that is not supported"),
        ("(?(1)a|b)", "a kind of group that is not supported"),
        ("(?|(a)|(b))", "a kind of group that is not supported"),
        ("(*FAIL)", "a verb (*…), which is not supported"),
    ] {
        assert_eq!(
            compile(pattern.as_bytes(), flags("")).err(),
            Some(why),
            "{pattern:?}"
        );
    }
}
