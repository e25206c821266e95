//! The worlds of the accuracy runs, with their goals. How they are played and counted is known elsewhere.

use anyhow::Result;
use picaporte_core::Duration;
use picaporte_core::pace::Pace;
use picaporte_core::plan::Settings;
use picaporte_core::sim::{Bursts, Ips, Limit, ListenQueue, Nat, Outage, World};

use super::Effort;
use super::goals::Goal;
use super::play::{Seen, Work};

/// Seeds of a full run, and of a first look.
const SEEDS: u64 = 20;
const FEW_SEEDS: u64 = 3;
/// Seeds where fewer would count too few open ports.
const MANY_SEEDS: u64 = 60;
/// What the scan of sparse hosts may send in a second.
const SPARSE_RATE: u32 = 20_000;

/// One world and its goals.
#[derive(Clone, Debug)]
pub(crate) struct Row {
    pub(crate) name: &'static str,
    pub(crate) seeds: u64,
    pub(crate) work: Work,
    /// What a seed changes beside chance.
    pub(crate) vary: fn(&mut World, u64),
    pub(crate) goals: Vec<Goal>,
}

impl Row {
    /// Plays all its seeds.
    ///
    /// # Errors
    /// When the world is no valid plan.
    pub(crate) fn play(&self, effort: Effort) -> Result<Seen> {
        let seeds = match effort {
            Effort::Quick => FEW_SEEDS.min(self.seeds),
            Effort::Full => self.seeds,
        };
        let mut seen = Seen::default();
        for seed in 1..=seeds {
            let mut work = self.work.clone();
            (self.vary)(&mut work.world, seed);
            work.play(seed, &mut seen)?;
        }
        Ok(seen)
    }
}

/// A share out of 65,536, as worlds take it.
pub(crate) fn share(part: f64) -> u32 {
    (part * 65_536.0).round() as u32
}

fn row(name: &'static str, prefix: u8, ports: u16, world: World, goals: &[Goal]) -> Row {
    Row {
        name,
        seeds: SEEDS,
        work: Work {
            prefix,
            ports,
            settings: Settings::default(),
            world,
        },
        vary: |_, _| {},
        goals: goals.to_vec(),
    }
}

/// A network 20 to 25 ms away: a fifth of the ports open, two fifths silent, the rest closed.
pub(crate) fn mixed() -> World {
    World {
        open: share(0.206),
        silent: share(0.4),
        delay: Duration::from_millis(20),
        jitter: Duration::from_millis(5),
        ..World::default()
    }
}

fn at(millis: u64) -> World {
    World {
        delay: Duration::from_millis(millis),
        jitter: Duration::from_millis(2),
        ..World::default()
    }
}

/// Every world.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = lossy();
    rows.extend(limited());
    rows.extend(large());
    rows
}

fn lossy() -> Vec<Row> {
    let quiet = World {
        open: share(0.05),
        silent: share(0.3),
        rejected: share(0.05),
        dead: share(0.1),
        ..at(20)
    };
    let failing = World {
        local_failures: share(0.1),
        ..quiet
    };
    let loss = |part| World {
        loss: share(part),
        ..mixed()
    };
    let closed = World {
        open: 503,
        loss: share(0.05),
        ..at(1)
    };
    let every = &[Goal::EveryPort];
    let one = &[
        Goal::Recall(0.999_99),
        Goal::SynsPerClosed(1.3),
        Goal::SynsAsStated,
    ];
    let mut one = row(
        "1 % loss each way, `--recall 0.99999`",
        26,
        4000,
        loss(0.01),
        one,
    );
    one.work.settings.recall = 0.999_99;
    one.seeds = MANY_SEEDS;
    vec![
        row("no loss", 24, 1000, quiet, every),
        row(
            "no loss, every tenth call fails on this machine",
            26,
            1000,
            failing,
            every,
        ),
        one,
        row(
            "5 % loss each way",
            27,
            4000,
            loss(0.05),
            &[Goal::Recall(0.9999), Goal::SynsAsStated],
        ),
        row(
            "20 % loss each way",
            27,
            4000,
            loss(0.2),
            &[Goal::Recall(0.999), Goal::SynsAsStated],
        ),
        row(
            "5 % loss each way, one host, 65,535 ports closed but about 503",
            32,
            65_535,
            closed,
            &[Goal::EveryOpen],
        ),
        bursts(),
        outage("an outage of 2 s", 28, 4000, mixed()),
        outage("an outage of 2 s in a sweep of one port", 17, 1, sweep()),
    ]
}

/// A sweep: one host in five is alive.
fn sweep() -> World {
    World {
        dead: share(0.8),
        open: 65_536,
        ..at(30)
    }
}

fn bursts() -> Row {
    let bursts = Some(Bursts {
        share: share(0.05),
        mean: 50,
    });
    let world = World {
        bursts_there: bursts,
        bursts_back: bursts,
        delay: Duration::from_millis(60),
        ..mixed()
    };
    let goals = &[Goal::Recall(0.9999)];
    row(
        "5 % loss each way, in bursts of 50 packets",
        27,
        2000,
        world,
        goals,
    )
}

fn outage(name: &'static str, prefix: u8, ports: u16, world: World) -> Row {
    let goals = &[Goal::Recall(0.9999)];
    let mut outage = row(name, prefix, ports, world, goals);
    // It begins at another moment of the scan with every seed.
    outage.vary = |world, seed| {
        world.outage = Some(Outage {
            from: Duration::from_millis(25 * seed),
            lasts: Duration::from_secs(2),
            every: None,
        });
    };
    outage
}

fn limited() -> Vec<Row> {
    let resets = &[Goal::NoneFiltered, Goal::Within(Duration::from_secs(24))];
    let bucket = World {
        rst_bucket: Some(Limit {
            per_second: 200,
            burst: 200,
        }),
        ..at(5)
    };
    let counted = World {
        rst_limit: Some(200),
        ..at(5)
    };
    let queue = World {
        open: share(0.8),
        listen_queue: Some(ListenQueue {
            length: 64,
            per_second: 250,
        }),
        ..at(8)
    };
    let ips = World {
        open: share(0.05),
        ips: Some(Ips {
            syns: 100,
            within: Duration::from_secs(1),
            silences: Duration::from_secs(10),
        }),
        ..at(20)
    };
    let icmp = World {
        open: 501,
        rejected: 65_536 - 501,
        icmp_bucket: Some(Limit {
            per_second: 1,
            burst: 6,
        }),
        ..at(5)
    };
    let rationed = &[Goal::EveryOpen, Goal::Within(Duration::from_secs(60))];
    let [table, gentle, swept] = tables();
    let narrow = World {
        open: share(0.5),
        silent: share(0.1),
        loss: share(0.01),
        link: Some(Limit {
            per_second: 2000,
            burst: 200,
        }),
        ..at(40)
    };
    vec![
        row(
            "200 RSTs a second (token bucket), 4,000 closed ports",
            32,
            4000,
            bucket,
            resets,
        ),
        row(
            "200 RSTs in each second, 4,000 closed ports",
            32,
            4000,
            counted,
            resets,
        ),
        row(
            "listen queue of 64, 250 taken a second, about 2,000 open ports",
            32,
            2500,
            queue,
            &[Goal::EveryOpen],
        ),
        table,
        gentle,
        swept,
        row(
            "a link passes 2,000 SYNs a second, 1 % loss each way, 64 hosts",
            26,
            300,
            narrow,
            &[Goal::Recall(0.9999)],
        ),
        row(
            "an IPS bans for 10 s after 100 SYNs in a second",
            32,
            1000,
            ips,
            &[Goal::NoneFiltered],
        ),
        row(
            "ICMP rejects at 1 a second, 65,535 ports, about 501 open",
            32,
            65_535,
            icmp,
            rationed,
        ),
    ]
}

/// Two hosts behind a home router; most ports are open, so that a run counts enough of them.
fn tables() -> [Row; 3] {
    let world = World {
        open: share(0.8),
        nat: Some(Nat {
            others_per_second: 20,
            ..Nat::of(1024)
        }),
        ..at(25)
    };
    let normal = &[Goal::Recall(0.9999)];
    let gentle = &[Goal::Recall(0.9999), Goal::OthersLoseNothing];
    let mut rows = [
        row(
            "connection table of 1,024, others make 20 a second",
            31,
            1000,
            world,
            normal,
        ),
        row("the same table, `--pace gentle`", 31, 1000, world, gentle),
        row(
            "the same table, a sweep of one port over 4,096 hosts",
            20,
            1,
            world,
            normal,
        ),
    ];
    rows[1].work.settings.pace = Pace::GENTLE;
    rows
}

fn large() -> Vec<Row> {
    let sparse = World {
        dead: share(0.99),
        open: 65_536,
        ..at(50)
    };
    let dead = World {
        dead: 65_536,
        ..at(5)
    };
    let silent = World {
        open: 501,
        silent: 65_536 - 501,
        ..at(5)
    };
    let goals = &[
        Goal::Recall(0.9999),
        Goal::Pace {
            times: 1.3,
            per_second: SPARSE_RATE,
        },
    ];
    let mut sparse = row(
        "a /16, 1 % of hosts alive, one port, 20,000 SYNs a second",
        16,
        1,
        sparse,
        goals,
    );
    // 655 hosts are alive: it takes more seeds to count 30,000.
    sparse.seeds = MANY_SEEDS;
    sparse.work.settings.pace.rate = Some(SPARSE_RATE);
    let twenty = &[Goal::Within(Duration::from_secs(20))];
    let three = &[Goal::EveryOpen, Goal::Within(Duration::from_secs(3))];
    vec![
        sparse,
        row("one dead host, 65,535 ports", 32, 65_535, dead, twenty),
        row(
            "65,535 ports, silent but about 501",
            32,
            65_535,
            silent,
            three,
        ),
    ]
}
