//! Every error of the libraries is said in Spanish, without a word of English left.

use std::io;
use std::path::PathBuf;

use picaporte_core::Address;
use picaporte_diff::{Damage, Failure, Other, Place, Writer};
use picaporte_engine::Needed;
use picaporte_store::{Bad, Doing, Part, ScanId, Why};

use super::*;
use crate::words::english;

#[track_caller]
fn is_spanish(error: &(dyn Error + 'static)) {
    let [en, es] = Lang::ALL.map(|lang| one(error, lang));
    assert_ne!(en, es);
    assert_eq!(english::left(&es), None, "{es}");
    // A quoted text of the user stands in each language.
    assert_eq!(en.matches("<x>").count(), es.matches("<x>").count(), "{es}");
    assert_eq!(
        en.matches("--store FILE").count(),
        es.matches("--store FILE").count(),
        "{es}"
    );
}

fn x() -> String {
    "<x>".to_owned()
}

fn path() -> PathBuf {
    x().into()
}

fn id() -> ScanId {
    ScanId::parse("01JGFJJZ00000000000000SCAN").unwrap()
}

fn ports() -> [PortError; 4] {
    [
        PortError::Empty(x()),
        PortError::OutOfRange(x()),
        PortError::Backwards(x()),
        PortError::Unknown(x()),
    ]
}

#[test]
fn targets_and_ports() {
    let text = x();
    for error in [
        TargetError::Empty,
        TargetError::BadIpv4(x()),
        TargetError::BadIpv6(x()),
        TargetError::BadPrefix { text: x(), max: 32 },
        TargetError::Backwards(x()),
        TargetError::TooManyRanges(x()),
        TargetError::BadName(x()),
        TargetError::List(x()),
        TargetError::NoZone { text, zone: x() },
        TargetError::Brackets(x()),
    ] {
        is_spanish(&error);
    }
    for error in ports() {
        is_spanish(&error);
        is_spanish(&TargetError::Ports { text: x(), error });
    }
}

#[test]
fn plans() {
    for error in [
        PlanError::NoTarget,
        PlanError::NothingLeft,
        PlanError::TooMany(1 << 60),
        PlanError::NeverScanned(Address::new([224, 0, 0, 1].into())),
        PlanError::Settings(x()),
        PlanError::Parts("<x>"),
    ] {
        is_spanish(&KeptError::Parts(error.clone()));
        is_spanish(&error);
    }
}

#[test]
fn scans_that_can_not_begin() {
    let missing = || io::Error::from_raw_os_error(2);
    for (address, interface) in [
        (Some([192, 0, 2, 7].into()), None),
        (None, Some(x())),
        (Some([192, 0, 2, 7].into()), Some(x())),
    ] {
        is_spanish(&EngineError::Network {
            address,
            interface,
            error: missing(),
        });
    }
    for needed in [Needed::Thread, Needed::Readiness] {
        let error = missing();
        is_spanish(&EngineError::System { needed, error });
    }
    is_spanish(&EngineError::Early);
    is_spanish(&EngineError::Late);
}

#[test]
fn stores() {
    for doing in Doing::ALL {
        let path = path();
        is_spanish(&StoreError::Locked { doing, path });
    }
    let doing = Doing::Keeping;
    for error in [
        StoreError::NoPlace,
        StoreError::Missing { path: path() },
        StoreError::NotMade {
            path: path(),
            reason: "Permission denied (os error 13)".to_owned(),
        },
        StoreError::NotAStore { path: path() },
        StoreError::Newer {
            path: path(),
            found: 9,
            known: 1,
        },
        StoreError::Damaged {
            doing,
            path: path(),
            detail: Why::Database(x()),
        },
        StoreError::ReadOnly {
            doing,
            path: path(),
        },
        StoreError::Full {
            doing,
            path: path(),
        },
        StoreError::Failed {
            doing,
            path: path(),
            reason: Why::Database(x()),
        },
    ] {
        is_spanish(&error);
        is_spanish(&KeptError::Store(error));
    }
}

#[test]
fn what_is_behind_an_error_of_a_store() {
    let record = Bad::ALL.map(Why::Record);
    let system = Why::System("Permission denied (os error 13)".to_owned());
    let others = [Why::Database(x()), system, Why::Fault];
    for why in record.into_iter().chain(others) {
        let (doing, path) = (Doing::Opening, path());
        let reason = why;
        is_spanish(&StoreError::Failed {
            doing,
            path,
            reason,
        });
    }
    let said = Why::Database("disk I/O error".to_owned()).spanish();
    assert_eq!(said, "SQLite dice 'disk I/O error'");
}

/// Each of them, behind each place.
#[test]
fn files_of_scans() {
    let [tag, said, key] = [(); 3].map(|()| x());
    let damage = [
        Damage::Json(x()),
        Damage::Xml(x()),
        Damage::Attribute {
            tag: tag.clone(),
            said,
        },
        Damage::Lacks { tag, key },
        Damage::Deep(7),
        Damage::Root(x()),
        Damage::PortZero,
        Damage::Port(x()),
        Damage::Backwards(x()),
        Damage::State(x()),
        Damage::Address(x()),
        Damage::Name(x()),
        Damage::Nameless,
    ];
    let ports = ports().map(Damage::Ports);
    let damage = damage.into_iter().chain(ports);
    for (damage, writer) in damage.zip([Writer::Picaporte, Writer::Nmap].into_iter().cycle()) {
        let what = Failure::Damaged(damage, writer);
        for place in [Place::Whole, Place::Line(7), Place::Byte(7)] {
            let what = what.clone();
            is_spanish(&ReadError { place, what });
        }
    }
}

#[test]
fn files_that_are_no_scans() {
    use picaporte_diff::Part;
    let others = [
        Other::Empty,
        Other::Blanks,
        Other::Compressed,
        Other::Utf16,
        Other::NmapText,
        Other::Text(x()),
        Other::NoScan,
        Other::NoRun,
        Other::CutOff,
        Other::CutOffXml,
    ];
    let parts = [Part::Line, Part::Finding, Part::Element];
    let parts = parts.map(|part| Failure::LongPart { part, most: 7 });
    let failures = [
        Failure::Unreadable("Permission denied (os error 13)".to_owned()),
        Failure::Long(7),
        Failure::Newer { found: 2, known: 1 },
        Failure::Full(Full::Hosts(7)),
    ];
    let others = others.into_iter().map(Failure::Other);
    for what in others.chain(parts).chain(failures) {
        let place = Place::Whole;
        is_spanish(&ReadError { place, what });
    }
}

#[test]
fn scans_in_stores() {
    for error in [
        StoreError::Slow {
            path: path(),
            waiting: 7,
        },
        StoreError::TakenOver {
            path: path(),
            id: id(),
        },
        StoreError::Gone {
            path: path(),
            id: id(),
        },
        StoreError::NoSuchScan {
            path: path(),
            wanted: x(),
        },
        StoreError::Ambiguous {
            path: path(),
            wanted: x(),
            first: id(),
        },
        StoreError::Exists {
            path: path(),
            id: id(),
        },
        StoreError::Finished { id: id() },
    ] {
        is_spanish(&error);
    }
    for what in [
        Part::Asked,
        Part::Chunk(7),
        Part::LastChunk,
        Part::Progress(7),
        Part::GoesOn,
        Part::OpenPorts,
        Part::Sums,
    ] {
        is_spanish(&StoreError::Altered {
            path: path(),
            id: id(),
            what,
        });
    }
}

#[test]
fn kept_scans() {
    for error in [
        KeptError::Format(9),
        KeptError::Plan(x()),
        KeptError::OtherScope,
        KeptError::Moment(-1),
        KeptError::Name(x()),
        KeptError::Account(x()),
        KeptError::OtherProgress,
        KeptError::Progress,
        KeptError::OtherNotes,
        KeptError::Notes,
    ] {
        is_spanish(&error);
    }
    for full in [
        Full::Hosts(7),
        Full::Ranges(7),
        Full::Evidence(7),
        Full::Services(7),
    ] {
        is_spanish(&full);
        is_spanish(&KeptError::Full(full));
    }
}

#[test]
fn formats_and_languages() {
    for error in [
        UnknownFormat::Name(x()),
        UnknownFormat::NoExtension(x()),
        UnknownFormat::Extension(x()),
    ] {
        is_spanish(&error);
    }
    is_spanish(&Lang::by_name("<x>").unwrap_err());
}

#[test]
fn an_error_is_told_with_what_it_came_from() {
    use anyhow::Context as _;
    let error = Err::<(), _>(PortError::OutOfRange("0".to_owned())).context("--exclude");
    let error = error.unwrap_err();
    assert_eq!(
        whole(&error, Lang::Es),
        "--exclude: '0' no es un puerto: los puertos van de 1 a 65535"
    );
    assert_eq!(whole(&error, Lang::En), format!("{error:#}"));
    let missing = io::Error::from_raw_os_error(2).into();
    assert_eq!(
        whole(&missing, Lang::Es),
        "no existe el fichero o el directorio"
    );
}
