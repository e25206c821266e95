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
<table><tr><td>one cell</td><td>another cell</td></tr></table></main>"#;

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

/// Lays all of the page out, also what is left until it is seen.
const WHOLE: &str = "for (const part of document.querySelectorAll('.part')) part.style.contentVisibility = 'visible';";

/// Elements that stick out of the page, or out of themselves, by more than a pixel; the map has a frame to scroll in.
const STICKS_OUT: &str = r"(() => {
    const wide = document.documentElement.clientWidth;
    const says = (why, e) => why + ': ' + e.localName + ' ' + e.textContent.slice(0, 60);
    const out = [];
    if (document.documentElement.scrollWidth > wide) out.push('the page is ' + document.documentElement.scrollWidth + ' wide');
    for (const e of document.querySelectorAll('main *:not(svg *)')) {
        if (e.closest('.scroll') || e.closest('template')) continue;
        const box = e.getBoundingClientRect();
        if (box.width && (box.right > wide + 1 || box.left < -1)) out.push(says('sticks out', e));
        const clipped = getComputedStyle(e).clipPath !== 'none' || e.closest('thead') && getComputedStyle(e.closest('thead')).clipPath !== 'none';
        if (!clipped && e.localName !== 'svg' && e.clientWidth && e.scrollWidth > e.clientWidth + 1) out.push(says('too narrow', e));
    }
    return out.slice(0, 9);
})()";

/// Cells and terms of one row that lie on each other, and words of the map that do.
const OVERLAPS: &str = r"(() => {
    const out = [];
    const lie = (a, b) => a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1;
    const text = e => { const range = document.createRange(); range.selectNodeContents(e); return range.getBoundingClientRect(); };
    for (const row of [...document.querySelectorAll('tr, nav ul, .legend')].slice(0, 400)) {
        const cells = [...row.children].filter(e => !e.closest('thead') || getComputedStyle(e.closest('thead')).clipPath === 'none');
        for (let i = 0; i + 1 < cells.length; i++)
            if (lie(text(cells[i]), text(cells[i + 1]))) out.push(cells[i].textContent.slice(0, 40) + ' on ' + cells[i + 1].textContent.slice(0, 40));
    }
    const labels = [...document.querySelectorAll('svg.map text:not([transform])')].map(e => [e, e.getBoundingClientRect()]);
    for (let i = 0; i + 1 < labels.length; i++)
        if (lie(labels[i][1], labels[i + 1][1])) out.push('map: ' + labels[i][0].textContent + ' on ' + labels[i + 1][0].textContent);
    const blocks = document.querySelector('svg.map path')?.getBBox();
    for (const [e] of labels.slice(1)) if (blocks && e.getBBox().x === 0 && e.getBBox().width > blocks.x) out.push('map: ' + e.textContent + ' runs into its row');
    return out.slice(0, 9);
})()";

/// Texts whose contrast with the page is less than 4.5 : 1 (WCAG 2.2, success criterion 1.4.3), and parts of drawings under
/// 3 : 1 (1.4.11). The formulas are those of WCAG.
const CONTRAST: &str = r"(() => {
    const parse = colour => colour.match(/[\d.]+/g).map(Number);
    const linear = c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    const light = c => 0.2126 * linear(c[0]) + 0.7152 * linear(c[1]) + 0.0722 * linear(c[2]);
    const contrast = (a, b) => { const [x, y] = [light(a), light(b)].sort((p, q) => q - p); return (x + 0.05) / (y + 0.05); };
    // What has no colour of its own is printed on white.
    const behind = parse(getComputedStyle(document.body).backgroundColor);
    const page = behind[3] === 0 ? [255, 255, 255] : behind;
    const out = new Set();
    for (const e of document.querySelectorAll('main *:not(path, rect, line, svg, title, template)')) {
        const text = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
        if (!text) continue;
        const style = getComputedStyle(e);
        const ratio = contrast(parse(e.closest('svg') ? style.fill : style.color), page);
        if (ratio < 4.5) out.add(e.localName + ' ' + ratio.toFixed(2));
    }
    for (const e of document.querySelectorAll('svg path, svg rect')) {
        const style = getComputedStyle(e);
        const colour = e.classList.contains('untested') ? style.stroke : style.fill;
        const ratio = contrast(parse(colour), page);
        if (ratio < 3) out.add(e.localName + '.' + e.getAttribute('class') + ' ' + ratio.toFixed(2));
    }
    out.add('page ' + (light(page) > 0.5 ? 'light' : 'dark'));
    return [...out];
})()";

fn fits(browser: &mut Browser, width: u32) -> Result<(), Failed> {
    let metrics = browser.ask("Page.getLayoutMetrics", json!({}))?;
    let wide = metrics["cssContentSize"]["width"]
        .as_f64()
        .unwrap_or(f64::MAX);
    if wide > f64::from(width) {
        return Err(format!("the page is {wide} pixels wide where {width} are seen").into());
    }
    for found in [STICKS_OUT, OVERLAPS] {
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
    for found in [STICKS_OUT, OVERLAPS] {
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

/// Leaves pictures of 6,000 pixels from the top, and from the map on, if somebody wants to look.
fn shoot(browser: &mut Browser, width: u32, name: &str) -> Result<(), Failed> {
    if folder().is_none() {
        return Ok(());
    }
    let map = "Math.floor(document.getElementById('map').getBoundingClientRect().top + scrollY)";
    let map = browser.evaluate(map)?;
    for (from, part) in [(json!(0), "top"), (map, "map")] {
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
