//! Every bound of the readers, reached.

use super::*;

#[test]
fn a_large_network_fits() {
    let mut text = String::new();
    for host in 0..65_536_u32 {
        let ip = std::net::Ipv4Addr::from(0xc612_0000 + host);
        let _ = writeln!(
            text,
            r#"{{"type":"host","ip":"{ip}","reasons":{{"no-response":1}},"ports":{{"open":"","closed":"","filtered":"80","untested":""}}}}"#
        );
    }
    let reading = parse(Format::Picaporte, &text).unwrap();
    assert_eq!(reading.hosts().count(), 65_536);
    assert_eq!(reading.reasons["no-response"], 65_536);
}

#[test]
fn bounds_are_kept() {
    let long = format!("192.0.2.7 -> [{}]\n", "1,".repeat(MOST_LINE / 2));
    assert_eq!(
        wrong(Format::Rustscan, &long),
        "line 1: longer than 4194304 bytes, the most that a line may have"
    );
    let long = format!("<nmaprun><!-- {} -->", "x".repeat(MOST_LINE));
    assert_eq!(
        wrong(Format::Nmap, &long),
        "byte 9: expected nmap's XML: I/O error: an element longer than 4194304 bytes, the most that one may have"
    );
    let long = format!("{{\"ip\": \"{}", "x".repeat(MOST_LINE));
    assert!(wrong(Format::Masscan, &long).starts_with("byte 0: a record longer than"));
    let mut reasons = String::new();
    for n in 0..=MOST_REASONS {
        let _ = writeln!(
            reasons,
            r#"{{"type":"port","ip":"192.0.2.{n}","port":1,"state":"open","reason":"r{n}"}}"#
        );
    }
    let reading = parse(Format::Picaporte, &reasons).unwrap();
    assert_eq!(reading.reasons.len(), MOST_REASONS + 1);
    assert_eq!(reading.reasons["other"], 1);
}

#[test]
fn too_many_hosts_are_refused() {
    let mut hosts = String::new();
    for n in 0..=MOST_HOSTS {
        let _ = writeln!(hosts, "{}:1", std::net::Ipv4Addr::from(n as u32));
    }
    let error = wrong(Format::Hostport, &hosts);
    assert_eq!(
        error,
        "line 1048577: at most 1048576 hosts; a scenario with fewer can be scored"
    );
}

/// Every odd port: a set with as many ranges as there can be.
fn odd() -> String {
    let ports: Vec<String> = (1..=u16::MAX).step_by(2).map(|p| p.to_string()).collect();
    ports.join(",")
}

#[test]
fn sets_that_hosts_have_in_common_are_kept_once() {
    let mut xml = format!(
        "<nmaprun><scaninfo protocol=\"tcp\" services=\"{}\"/>",
        odd()
    );
    for host in 0..300_u32 {
        xml.push_str("<host>");
        for address in 0..64 {
            let ip = std::net::Ipv4Addr::from(0xc612_0000 + host * 64 + address);
            let _ = write!(xml, "<address addr=\"{ip}\" addrtype=\"ipv4\"/>");
        }
        xml.push_str("<ports><extraports state=\"filtered\" count=\"32768\"/></ports></host>");
    }
    xml.push_str("<runstats><finished/></runstats></nmaprun>");
    // One by one they would be 2^29 ranges.
    let reading = parse(Format::Nmap, &xml).unwrap();
    assert_eq!(
        (reading.hosts().count(), reading.cut.as_ref()),
        (19_200, None)
    );
    assert_eq!(reading.pool.kept(), 32_768);
    let of = |ip: &str| reading.of(ip.parse().unwrap()).unwrap();
    let (one, other) = (of("198.18.0.0"), of("198.18.74.255"));
    assert_eq!(one.of(Word::Filtered).len(), 32_768);
    assert!(std::ptr::eq(
        one.of(Word::Filtered),
        other.of(Word::Filtered)
    ));
}

#[test]
fn too_many_ranges_are_refused() {
    let says = "ranges of ports in all; a scenario with fewer hosts or ports can be scored";
    let odd = odd();
    let lines = (0..=512_u32).map(|host| {
        let ip = std::net::Ipv4Addr::from(0xc612_0000 + host);
        format!("{ip} -> [{odd}]\n").into_bytes()
    });
    let error = read(Some(Format::Rustscan), Repeated(lines, Vec::new(), 0)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("line 513: at most {MOST_RANGES} {says}")
    );
    // Each host lacks another port, so that no two sets are alike.
    let hosts = (0..=513_u32).map(|host| {
        let ip = std::net::Ipv4Addr::from(0xc612_0000 + host);
        let ports = odd.replace(&format!(",{},", 1_001 + 2 * host), ",");
        format!(
            "{{\"type\":\"host\",\"ip\":\"{ip}\",\"ports\":{{\"open\":\"{ports}\",\"closed\":\"\",\"filtered\":\"\",\"untested\":\"\"}}}}\n"
        )
        .into_bytes()
    });
    let error = read(Some(Format::Picaporte), Repeated(hosts, Vec::new(), 0)).unwrap_err();
    assert!(error.what.ends_with(says), "{error}");
    // The same over and over is no more than once.
    let again = format!("192.0.2.7 -> [{odd}]\n").repeat(520);
    let reading = parse(Format::Rustscan, &again).unwrap();
    assert_eq!(reading.pool.kept(), 32_768);
}

#[test]
fn an_endless_output_is_refused() {
    let mut line = vec![b'#'; 1_000];
    line.push(b'\n');
    let endless = std::iter::repeat_n(line, (MOST_BYTES / 1_000) as usize);
    let error = read(Some(Format::Hostport), Repeated(endless, Vec::new(), 0)).unwrap_err();
    assert_eq!(error.place, Place::Byte(MOST_BYTES));
}

/// Pieces of an output, one after the other.
struct Repeated<I>(I, Vec<u8>, usize);

impl<I: Iterator<Item = Vec<u8>>> Read for Repeated<I> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let read = self.fill_buf()?.read(into)?;
        self.consume(read);
        Ok(read)
    }
}

impl<I: Iterator<Item = Vec<u8>>> BufRead for Repeated<I> {
    fn fill_buf(&mut self) -> std::io::Result<&[u8]> {
        if self.2 >= self.1.len() {
            self.1 = self.0.next().unwrap_or_default();
            self.2 = 0;
        }
        Ok(&self.1[self.2..])
    }

    fn consume(&mut self, amount: usize) {
        self.2 += amount;
    }
}
