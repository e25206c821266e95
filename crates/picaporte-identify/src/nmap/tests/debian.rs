//! nmap's own file, where it is installed: nothing of it is in this project.

use super::super::*;

const THERE: &str = "/usr/share/nmap/nmap-service-probes";

#[test]
fn the_whole_file_is_taken() {
    let Ok(file) = std::fs::read(THERE) else {
        return;
    };
    let t = std::time::Instant::now();
    let probes = Probes::read(THERE, file).expect("read");
    println!("{:?} {:?}", t.elapsed(), probes.counts());
    for w in probes.warnings() {
        println!("{w:?}");
    }
    let t = std::time::Instant::now();
    let s = probes.survey();
    println!("{:?} {s:?}", t.elapsed());
}
