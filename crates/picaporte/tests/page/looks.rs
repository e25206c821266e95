//! What a page looks like, as far as a machine can tell: nothing sticks out of it, no words lie on others or are cut off, text
//! stands out from what is behind it, nothing was refused by its policy, and nothing but the page was asked for.

use std::fs::{self, File};
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use libtest_mimic::{Failed, Trial};
use picaporte::report::Lang;
use serde_json::{Value, json};

use crate::browser::Browser;
use crate::checks::{CONTRAST, OVERLAPS, SQUEEZED, STICKS_OUT, WHOLE};
use crate::never::Never;

/// A phone, a tablet, a desktop; in CSS pixels.
const WIDTHS: [u32; 3] = [390, 820, 1440];
const SCHEMES: [&str; 2] = ["light", "dark"];
/// A4 less the page's own margins of 14 mm, at 96 pixels an inch.
const PAPER: u32 = 688;

const PLAIN: Never = Never {
    hosts: 24,
    open: 3,
    lang: Lang::En,
    scope: false,
    since: false,
    located: false,
    services: false,
};

/// Every test: a page each.
pub(crate) fn trials() -> Vec<Trial> {
    let pages = [
        ("small", PLAIN),
        ("one_host", Never { hosts: 1, ..PLAIN }),
        (
            "scope",
            Never {
                scope: true,
                ..PLAIN
            },
        ),
        (
            "changes",
            Never {
                hosts: 60,
                since: true,
                located: true,
                ..PLAIN
            },
        ),
        (
            "services",
            Never {
                open: 14,
                services: true,
                ..PLAIN
            },
        ),
        (
            "services_in_spanish",
            Never {
                open: 14,
                services: true,
                lang: Lang::Es,
                ..PLAIN
            },
        ),
        (
            "spanish",
            Never {
                hosts: 60,
                lang: Lang::Es,
                scope: true,
                since: true,
                located: true,
                ..PLAIN
            },
        ),
        (
            "many_open",
            Never {
                hosts: 40,
                open: 60,
                ..PLAIN
            },
        ),
        (
            "4096_hosts",
            Never {
                hosts: 4_095,
                ..PLAIN
            },
        ),
        (
            "networks",
            Never {
                hosts: 4_200,
                lang: Lang::Es,
                ..PLAIN
            },
        ),
    ];
    let trial = |(name, scan): (&'static str, Never)| Trial::test(name, move || looks(name, &scan));
    let seen = Trial::test("what_is_wrong_is_seen", what_is_wrong_is_seen);
    pages.into_iter().map(trial).chain([seen]).collect()
}

/// A page in which everything is wrong that is looked for.
const WRONG: &str = r#"<!DOCTYPE html><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src file:">
<style>body{background:#fff;color:#999;margin:0} .wide{width:2000px} td{position:absolute;top:90px;left:0}</style>
<main><p class="wide">wide</p><script>1</script><img src="other.png">
<table style="display:block"><caption>five words of one caption<tr><td>one cell</td><td>another cell</td></tr></table></main>"#;

fn what_is_wrong_is_seen() -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("page.html");
    fs::write(&page, WRONG)?;
    let mut browser = Browser::start()?;
    screen(&mut browser, 820, "light")?;
    browser.open(&page)?;
    let says = |done: Result<(), Failed>, why: &str| match done {
        Err(failed) if failed.message().is_some_and(|text| text.contains(why)) => Ok(()),
        other => Err(Failed::from(format!("'{why}' is not seen: {other:?}"))),
    };
    says(alone(&browser, &page), "other.png")?;
    if browser.told("Log.entryAdded").is_empty() {
        return Err("the refused script is not seen".into());
    }
    says(fits(&mut browser, 820), "2000 pixels wide")?;
    says(
        none(&browser.evaluate(STICKS_OUT)?, 820),
        "sticks out: p wide",
    )?;
    says(
        none(&browser.evaluate(OVERLAPS)?, 820),
        "one cell on another cell",
    )?;
    says(
        none(&browser.evaluate(SQUEEZED)?, 820),
        "squeezed: five words",
    )?;
    says(is_legible(&mut browser, "light"), "p 2.85")?;
    says(is_legible(&mut browser, "dark"), "page light")
}

fn looks(name: &str, scan: &Never) -> Result<(), Failed> {
    let folder = tempfile::tempdir()?;
    let page = folder.path().join("page.html");
    let written = scan.write(&mut BufWriter::new(File::create(&page)?));
    written.map_err(|why| why.to_string())?;
    let mut browser = Browser::start()?;
    browser.open(&page)?;
    alone(&browser, &page)?;
    browser.evaluate(WHOLE)?;
    for width in WIDTHS {
        for scheme in SCHEMES {
            screen(&mut browser, width, scheme)?;
            fits(&mut browser, width)?;
            is_legible(&mut browser, scheme)?;
            shoot(&mut browser, width, &format!("{name}-{width}-{scheme}"))?;
        }
    }
    prints(&mut browser, name)
}

fn screen(browser: &mut Browser, width: u32, scheme: &str) -> Result<(), Failed> {
    let size =
        json!({"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500});
    browser.ask("Emulation.setDeviceMetricsOverride", size)?;
    let feature = json!({"name": "prefers-color-scheme", "value": scheme});
    let media = json!({"media": "screen", "features": [feature]});
    browser.ask("Emulation.setEmulatedMedia", media)?;
    Ok(())
}

/// Nothing was asked for but the page, and nothing was refused or went wrong in it.
fn alone(browser: &Browser, page: &Path) -> Result<(), Failed> {
    let asked = browser.told("Network.requestWillBeSent");
    let urls: Vec<_> = asked
        .iter()
        .map(|asked| asked["request"]["url"].as_str())
        .collect();
    let own = format!("file://{}", page.display());
    if urls != [Some(own.as_str())] {
        return Err(format!("asked for: {urls:?}").into());
    }
    let logged = browser.told("Log.entryAdded");
    if logged.is_empty() {
        Ok(())
    } else {
        Err(format!("{logged:?}").into())
    }
}

fn fits(browser: &mut Browser, width: u32) -> Result<(), Failed> {
    let metrics = browser.ask("Page.getLayoutMetrics", json!({}))?;
    let wide = metrics["cssContentSize"]["width"]
        .as_f64()
        .unwrap_or(f64::MAX);
    if wide > f64::from(width) {
        return Err(format!("the page is {wide} pixels wide where {width} are seen").into());
    }
    for found in [STICKS_OUT, OVERLAPS, SQUEEZED] {
        none(&browser.evaluate(found)?, width)?;
    }
    Ok(())
}

fn none(found: &Value, width: u32) -> Result<(), Failed> {
    match found.as_array() {
        Some(found) if found.is_empty() => Ok(()),
        _ => Err(format!("{width} pixels wide: {found:#}").into()),
    }
}

/// Also that the scheme that was asked for is the one that is shown.
fn is_legible(browser: &mut Browser, scheme: &str) -> Result<(), Failed> {
    let found = browser.evaluate(CONTRAST)?;
    if found == json!([format!("page {scheme}")]) {
        Ok(())
    } else {
        Err(format!("{scheme}: {found}").into())
    }
}

/// For a printer: on A4 nothing sticks out, and there are pages.
fn prints(browser: &mut Browser, name: &str) -> Result<(), Failed> {
    let size = json!({"width": PAPER, "height": 900, "deviceScaleFactor": 1, "mobile": false});
    browser.ask("Emulation.setDeviceMetricsOverride", size)?;
    browser.ask(
        "Emulation.setEmulatedMedia",
        json!({"media": "print", "features": []}),
    )?;
    for found in [STICKS_OUT, OVERLAPS, SQUEEZED] {
        none(&browser.evaluate(found)?, PAPER)?;
    }
    is_legible(browser, "light")?;
    let asked = json!({"preferCSSPageSize": true, "paperWidth": 8.27, "paperHeight": 11.69});
    let pdf = browser.ask("Page.printToPDF", asked)?;
    let pdf = decoded(&pdf)?;
    if !pdf.starts_with(b"%PDF-") || !pdf.trim_ascii_end().ends_with(b"%%EOF") {
        return Err("what is printed is no PDF".into());
    }
    leave(&format!("{name}.pdf"), &pdf)
}

fn decoded(answer: &Value) -> Result<Vec<u8>, Failed> {
    let data = answer["data"].as_str().ok_or("no data")?;
    Ok(STANDARD.decode(data)?)
}

/// Leaves pictures of 6,000 pixels from the top, from the map on and from what is said of TLS on, if somebody wants to look.
fn shoot(browser: &mut Browser, width: u32, name: &str) -> Result<(), Failed> {
    if folder().is_none() {
        return Ok(());
    }
    let map = "Math.floor(document.getElementById('map').getBoundingClientRect().top + scrollY)";
    let map = browser.evaluate(map)?;
    let tls = "Math.floor((document.querySelector('.tls') ?? document.body).getBoundingClientRect().top + scrollY)";
    let tls = browser.evaluate(tls)?;
    for (from, part) in [(json!(0), "top"), (map, "map"), (tls, "tls")] {
        let clip = json!({"x": 0, "y": from, "width": width, "height": 6_000, "scale": 1});
        let asked = json!({"captureBeyondViewport": true, "clip": clip});
        let picture = browser.ask("Page.captureScreenshot", asked)?;
        leave(&format!("{name}-{part}.png"), &decoded(&picture)?)?;
    }
    Ok(())
}

fn folder() -> Option<PathBuf> {
    std::env::var_os("SCREENSHOTS").map(PathBuf::from)
}

fn leave(name: &str, bytes: &[u8]) -> Result<(), Failed> {
    if let Some(folder) = folder() {
        fs::create_dir_all(&folder)?;
        fs::write(folder.join(name), bytes)?;
    }
    Ok(())
}
