//! How many packets a second the simulated world alone answers, on one core and without a device: a million SYNs to closed
//! ports of a /16 at the end of a path with loss, 50 ms away, 100,000 a second of its own time.
#![allow(clippy::print_stdout)]

use std::net::Ipv4Addr;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant as Clock;

use etherparse::PacketBuilder;
use picaporte_core::{Duration, Instant};
use picaporte_lab::scenario::{SCANNER_V4, ScenarioError, from_text};
use picaporte_lab::sim::World;

const SYNS: u32 = 1_000_000;
const GAP: Duration = Duration::from_micros(10);
const WORLD: &str = r#"
about = "Closed ports at the end of a path with loss"
source = "Made up for this measurement"
[scan]
targets = ["198.18.0.0/16"]
ports = "1-65535"
[paths.wan]
hops = 5
rtt = "50ms"
jitter = { up_to = "5ms" }
loss = 0.01
[[hosts]]
addresses = ["198.18.0.0/16"]
ports = [{ ports = "22,80,443", is = "open" }]
"#;

fn main() -> Result<(), ScenarioError> {
    let scenario = from_text(Path::new("sim_rate.toml"), WORLD)?;
    let mut world = World::new(Arc::new(scenario), 1);
    let packets: Vec<Vec<u8>> = (0..SYNS).map(syn).collect();
    let (mut now, mut heard) = (Instant::ZERO, 0_u64);
    let began = Clock::now();
    for packet in &packets {
        now += GAP;
        world.send(now, packet);
        while world.receive(now).is_some() {
            heard += 1;
        }
    }
    while world.receive(now + Duration::from_secs(10)).is_some() {
        heard += 1;
    }
    let seconds = began.elapsed().as_secs_f64();
    println!(
        "{SYNS} SYNs, {heard} answers in {seconds:.2} s: {:.0} SYNs/s",
        f64::from(SYNS) / seconds
    );
    Ok(())
}

/// Sixteen hosts at a time, port by port.
fn syn(n: u32) -> Vec<u8> {
    let to = Ipv4Addr::from_bits(0xc612_0000 + n % 16 + n / 800_000 * 16);
    let port = 1_000 + (n / 16 % 50_000) as u16;
    let mut bytes = Vec::with_capacity(60);
    PacketBuilder::ipv4(SCANNER_V4.octets(), to.octets(), 64)
        .tcp(40_000, port, n, 64_240)
        .syn()
        .options_raw(&[
            2, 4, 5, 180, 4, 2, 8, 10, 0, 0, 0, 1, 0, 0, 0, 0, 1, 3, 3, 7,
        ])
        .expect("twenty bytes of options fit")
        .write(&mut bytes, &[])
        .expect("a vector takes everything");
    bytes
}
