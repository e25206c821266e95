use super::super::*;

const THERE: &str = "/usr/share/nmap/nmap-service-probes";

fn rss() -> u64 {
    let s = std::fs::read_to_string("/proc/self/statm").unwrap();
    s.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4
}

#[test]
fn measure() {
    let file = std::fs::read(THERE).unwrap();
    let r0 = rss();
    let t = std::time::Instant::now();
    let probes = Probes::read(THERE, file.clone()).expect("read");
    println!("read {:?} +{} KiB", t.elapsed(), rss() - r0);
    let http = b"HTTP/1.1 200 OK\r\nServer: nothing-known/1.0\r\nDate: Sun, 29 Nov 2026 04:50:14 GMT\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: 612\r\nLast-Modified: Sun, 29 Nov 2026 04:50:14 GMT\r\nConnection: close\r\nETag: \"5-1\"\r\nAccept-Ranges: bytes\r\n\r\n<!DOCTYPE html>\n<html>\n<head>\n<title>Welcome</title>\n<style>\nbody { width: 35em; margin: 0 auto; }\n</style>\n</head>\n<body>\n<h1>Welcome</h1>\n<a href=\"index.html\">x</a></body>\n</html>\n";
    let nginx: Vec<u8> = {
        let s = String::from_utf8_lossy(http).replace("nothing-known/1.0", "nginx/1.22.1");
        s.into_bytes()
    };
    let mut big = http.to_vec();
    while big.len() < 16000 {
        big.extend_from_slice(b"<p>Lorem ipsum <script type=\"text/javascript\">var x;</script> <input type=text name=user> login password router admin</p>\n");
    }
    let cases: Vec<(&str, &[u8])> = vec![
        ("GetRequest", http),
        ("GetRequest", &nginx),
        ("GetRequest", &big),
        ("NULL", b"SSH-2.0-OpenSSH_9.2p1 Debian-2+deb12u3\r\n"),
        ("NULL", b"220 mail.example.org ESMTP Postfix (Debian)\r\n"),
        ("NULL", b"220 (vsFTPd 3.0.3)\r\n"),
        ("GenericLines", b"-ERR unknown command\r\n"),
        ("NULL", b"220 something unknown here FTP\r\n"),
    ];
    for (p, a) in cases {
        for _ in 0..2 {
            let probe = probes.get(p).unwrap();
            let r0 = rss();
            let t = std::time::Instant::now();
            let c: usize = probes
                .chain(probe)
                .map(|p| probes.may_fit(p, a).len())
                .sum();
            let t1 = t.elapsed();
            let f = probes.matches(probe, a);
            println!(
                "{p} {:?} filter {t1:?} all {:?} candidates {c} +{} KiB gave up {} -> {:?}",
                String::from_utf8_lossy(&a[..40.min(a.len())]),
                t.elapsed(),
                rss() - r0,
                f.gave_up,
                f.found.map(|f| (
                    f.service,
                    f.product.map(|p| p.terminal()),
                    f.version.map(|p| p.terminal()),
                    f.cpe
                ))
            );
        }
    }
    let r0 = rss();
    let mut n = 0;
    let mut worst = std::time::Duration::ZERO;
    for r in &probes.rules {
        r.try_on(&probes.file, b"x", &probes.kept);
        n += 1;
    }
    println!("all {n} compiled +{} KiB", rss() - r0);
    // Every rule, the hostile answer: a 64 KiB of the file itself
    for chunk in probes.file.chunks(65536).step_by(3) {
        for name in ["NULL", "GetRequest"] {
            let t = std::time::Instant::now();
            let a = probes.matches(probes.get(name).unwrap(), chunk);
            let d = t.elapsed();
            if d > worst {
                worst = d;
                println!(
                    "worst {d:?} cut {} gave up {} found {}",
                    a.cut,
                    a.gave_up,
                    a.found.is_some()
                );
            }
        }
    }
    println!("after search +{} KiB", rss() - r0);
    let mut slow: Vec<_> = Vec::new();
    for s in [
        &b"a"[..],
        b" ",
        b"<",
        b"\n",
        b"\0",
        b"1.",
        b"\r\n",
        b"220 ",
        b"<a ",
    ] {
        let hay: Vec<u8> = [
            &b"HTTP/1.0 404 Not Found\r\n"[..],
            &s.repeat(65000 / s.len()),
        ]
        .concat();
        for r in &probes.rules {
            let t = std::time::Instant::now();
            let x = r.try_on(&probes.file, &hay, &probes.kept);
            slow.push((
                t.elapsed(),
                r.line,
                matches!(x, Tried::GaveUp),
                String::from_utf8_lossy(s).into_owned(),
            ));
        }
    }
    slow.sort();
    slow.reverse();
    for s in &slow[..12] {
        println!("{s:?}");
    }
    let total: std::time::Duration = slow.iter().map(|s| s.0).sum();
    println!("total {total:?} of {}", slow.len());
}
