//! Writes the page of a scan that never was, to look at it: `page HOSTS OPEN [en|es] [scope] [since] [located] [services]`, where `OPEN` is
//! how many ports are open on each host that has any. With more than 16 open ports every host has them. The last words add a
//! scope, an earlier scan, located ports and what listens on open ones.

use std::io;

use picaporte::report::Lang;

mod never;

use never::Never;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let number = |i: usize, or| words.get(i).map_or(Ok(or), |word| word.parse::<u32>());
    let has = |word: &str| words.iter().any(|given| given == word);
    let scan = Never {
        hosts: number(0, 254)?.max(1),
        open: number(1, 3)?.min(90) as u16,
        lang: if has("es") { Lang::Es } else { Lang::En },
        scope: has("scope"),
        since: has("since"),
        located: has("located"),
        services: has("services"),
    };
    scan.write(&mut io::stdout())
}
