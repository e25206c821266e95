//! Of a scan's JSON Lines and of its XML the same is read for comparisons and policies.

use picaporte_diff::{Limits, Service, Snapshot, Wanted, compare};

use super::*;

fn read(sample: &Sample, format: Format) -> Snapshot {
    let text = plain(sample, format);
    picaporte_diff::read(text.as_bytes(), Wanted::default(), &Limits::default()).unwrap()
}

fn services(scan: &Snapshot) -> Vec<(u16, Service)> {
    let hosts = scan.hosts();
    let services = hosts.flat_map(|(_, host)| scan.services(host));
    services
        .map(|(port, service)| (port, service.clone()))
        .collect()
}

#[test]
fn xml_tells_comparisons_of_services_and_tls_what_json_lines_tell() {
    let sample = sample(States::ALL);
    let (lines, xml) = (read(&sample, Format::JsonLines), read(&sample, Format::Xml));
    assert_eq!(services(&lines).len(), 6);
    assert_eq!(services(&xml), services(&lines));
    assert!(compare(&lines, &xml).is_empty());
}
