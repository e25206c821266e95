//! Every version that was ever released becomes the latest, and what was kept in it is still there.
//!
//! `tests/fixtures/vN.sql` is a store of version N as that version wrote it, dumped. The file of the latest version is
//! written by `UPDATE_FIXTURES=1 cargo test -p picaporte-store`; those of earlier ones are never written again.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use picaporte_core::target::AddressRange;
use picaporte_core::{Address, Reason};
use rusqlite::types::ValueRef;

use super::*;
use crate::desk::Told;
use crate::keeper::Keeper;
use crate::record::tests::{a_host, an_open_port};
use crate::{
    End, Filter, Findings, Kept, Options, PendingHost, ScanId, ScanMeta, Stage, State, Store,
    Totals, UnixMillis, Who,
};
use picaporte_core::Decided;

fn fixture(version: i64) -> PathBuf {
    let name = format!("tests/fixtures/v{version}.sql");
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

fn open(path: &Path) -> Store {
    Store::open(path, Options::default()).unwrap()
}

fn address(last: u8) -> Address {
    Address::new([192, 0, 2, last].into())
}

const COMPLETE: &str = "01JZ0000000000000000000001";
const CUT_OFF: &str = "01JZ0000000000000000000002";

fn meta(id: &str) -> ScanMeta {
    ScanMeta {
        id: ScanId::parse(id).unwrap(),
        version: "0.1.0".to_owned(),
        started: UnixMillis(1_750_000_000_000),
        who: Who {
            user: "auditor".to_owned(),
            uid: Some(1000),
            machine: "workbench".to_owned(),
            source: Some([192, 0, 2, 200].into()),
        },
        arguments: vec!["scan".to_owned(), "192.0.2.1-2".to_owned()],
        seed: u64::MAX,
        planned: 8,
        plan: b"a plan".to_vec(),
        scope: Some("allow = ['192.0.2.0/24']\n".to_owned()),
        zones: vec![(2, "eth'0".to_owned())],
        targets: vec![address(1).range(), address(2).range()],
    }
}

/// What every version is told: a host that is done, one that is cut off, and one of which a port is decided.
fn told() -> Told {
    let mut findings = Findings::default();
    findings.port(&an_open_port(address(1), 22));
    findings.host(&a_host(address(1), 0), Stage::Done);
    findings.host(&a_host(address(2), 1), Stage::CutOff);
    findings.decided(&[Decided {
        host: 1,
        reason: Reason::ConnRefused,
        port: 80,
    }]);
    findings.progress(0, b"goes on here");
    findings.told
}

fn end() -> End {
    End {
        finished: UnixMillis(1_750_000_002_000),
        complete: true,
        totals: Totals {
            planned: 8,
            tested: 6,
            untested: 2,
            open: 1,
            closed: 4,
            filtered: 1,
            extra: 3,
        },
        record: "{\"type\":\"end\"}".to_owned(),
    }
}

fn write(path: &Path) {
    drop(Store::create(path, Options::default()).unwrap());
    for id in [COMPLETE, CUT_OFF] {
        let db = crate::connect::again(path, Options::default().busy).unwrap();
        let mut keeper = Keeper::begin(db, path.to_owned(), &meta(id), 1 << 20).unwrap();
        let at = UnixMillis(1_750_000_001_000);
        keeper.keep(told(), None, at).unwrap();
        if id == COMPLETE {
            let end = end();
            keeper
                .keep(Told::default(), Some(&end), end.finished)
                .unwrap();
        }
    }
}

/// The tables and rows of a file as SQL.
fn dump(path: &Path) -> String {
    let db = Connection::open(path).unwrap();
    let number = |pragma| {
        db.query_row(pragma, [], |row| row.get::<_, i64>(0))
            .unwrap()
    };
    let (application, version) = (
        number("PRAGMA application_id"),
        number("PRAGMA user_version"),
    );
    let mut out =
        format!("PRAGMA application_id = {application};\nPRAGMA user_version = {version};\n");
    let select = "SELECT sql, name, type FROM sqlite_schema WHERE sql IS NOT NULL ORDER BY rowid";
    let mut tables = Vec::new();
    let mut select = db.prepare(select).unwrap();
    let mut rows = select.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        writeln!(out, "{};", row.get::<_, String>(0).unwrap()).unwrap();
        if row.get::<_, String>(2).unwrap() == "table" {
            tables.push(row.get::<_, String>(1).unwrap());
        }
    }
    for table in tables {
        dump_rows(&db, &table, &mut out);
    }
    out
}

fn dump_rows(db: &Connection, table: &str, out: &mut String) {
    let mut select = db
        .prepare(&format!("SELECT * FROM {table} ORDER BY 1, 2"))
        .unwrap();
    let columns = select.column_count();
    let mut rows = select.query([]).unwrap();
    while let Some(row) = rows.next().unwrap() {
        let values: Vec<String> = (0..columns)
            .map(|column| literal(row.get_ref(column).unwrap()))
            .collect();
        writeln!(out, "INSERT INTO {table} VALUES ({});", values.join(", ")).unwrap();
    }
}

fn literal(value: ValueRef<'_>) -> String {
    match value {
        ValueRef::Null => "NULL".to_owned(),
        ValueRef::Integer(number) => number.to_string(),
        ValueRef::Real(number) => number.to_string(),
        ValueRef::Text(text) => format!(
            "'{}'",
            std::str::from_utf8(text).unwrap().replace('\'', "''")
        ),
        ValueRef::Blob(bytes) => {
            let mut digits = String::new();
            for byte in bytes {
                write!(digits, "{byte:02x}").unwrap();
            }
            format!("X'{digits}'")
        }
    }
}

#[test]
fn the_latest_fixture_is_what_is_written() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    write(&path);
    let written = dump(&path);
    let fixture = fixture(VERSION);
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&fixture, &written).unwrap();
    }
    assert_eq!(std::fs::read_to_string(&fixture).unwrap(), written);
}

#[test]
fn every_version_becomes_the_latest_and_keeps_what_is_in_it() {
    for version in 1..=VERSION {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("store.db");
        let sql = std::fs::read_to_string(fixture(version)).unwrap();
        Connection::open(&path)
            .unwrap()
            .execute_batch(&sql)
            .unwrap();
        let store = open(&path);
        assert_eq!(kind(store.db()).unwrap(), Kind::Store(VERSION));
        for id in [COMPLETE, CUT_OFF] {
            holds_what_was_told(&store, id);
        }
        let cut_off = store.resume_state(ScanId::parse(CUT_OFF).unwrap()).unwrap();
        assert_eq!(cut_off.progress, [(0, b"goes on here".to_vec())]);
        let ports = vec![(
            Reason::ConnRefused,
            picaporte_core::PortSet::from_ports([80]),
        )];
        assert_eq!(cut_off.pending, [PendingHost { host: 1, ports }]);
        assert_eq!(cut_off.done, [(0, 0)]);
        let complete = store.end(ScanId::parse(COMPLETE).unwrap()).unwrap();
        assert_eq!(complete, Some(end()));
    }
}

fn holds_what_was_told(store: &Store, id: &str) {
    let id = ScanId::parse(id).unwrap();
    let known = meta(&id.to_string());
    let targets = vec![AddressRange::new(address(1).ip, address(2).ip).unwrap()];
    assert_eq!(store.meta(id).unwrap(), ScanMeta { targets, ..known });
    store.verify(id).unwrap();
    let kept: Vec<Kept> = store.load(id).unwrap().map(Result::unwrap).collect();
    let host = |last: u8| Box::new(a_host(address(last), u64::from(last) - 1));
    let expected = [
        Kept::Port(an_open_port(address(1), 22)),
        Kept::Host(host(1), Stage::Done),
        Kept::Host(host(2), Stage::CutOff),
    ];
    assert_eq!(kept, expected);
    let filter = Filter {
        host: Some(address(1)),
        open: Some(22),
        ..Filter::default()
    };
    let listed = store.list(&filter).unwrap();
    assert!(listed.iter().any(|scan| scan.id == id));
}

#[test]
fn a_step_that_fails_leaves_the_version_before() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    write(&path);
    let mut db = Connection::open(&path).unwrap();
    let next = "ALTER TABLE plans ADD COLUMN note TEXT; UPDATE plans SET note = 'kept';";
    let lost = "UPDATE plans SET note = 'lost'; SELECT * FROM nowhere;";
    let steps = [STEPS, &[(VERSION + 1, next), (VERSION + 2, lost)]].concat();
    assert!(migrate_by(&mut db, &steps).is_err());
    assert_eq!(kind(&db).unwrap(), Kind::Store(VERSION + 1));
    let note: String = db
        .query_row("SELECT note FROM plans", [], |row| row.get(0))
        .unwrap();
    assert_eq!(note, "kept");
    drop(db);
    let newer = Store::open(&path, Options::default())
        .unwrap_err()
        .to_string();
    let formats = format!("(format {}; this one knows up to {VERSION})", VERSION + 1);
    assert!(newer.contains(&formats), "{newer}");
}

#[test]
fn a_file_that_is_up_to_date_is_left_as_it_is() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("store.db");
    write(&path);
    let before = dump(&path);
    let store = open(&path);
    assert_eq!(
        store.list(&Filter::default()).unwrap()[1].state,
        State::Complete
    );
    drop(store);
    assert_eq!(dump(&path), before);
}
