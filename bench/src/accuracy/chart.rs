//! A line chart as SVG: axes with units, lines with markers, a legend, and the same in words. It knows nothing of what is drawn.
//!
//! The panel has a background of its own, so that it can be read on light and on dark pages. Colours are those of Okabe and Ito
//! ("Color Universal Design", 2008), which the colour-blind can tell apart; each line has a dash or marker of its own beside.

use std::fmt::Write as _;

const WIDTH: f64 = 760.0;
const HEIGHT: f64 = 460.0;
const LEFT: f64 = 112.0;
const RIGHT: f64 = 24.0;
const TOP: f64 = 54.0;
const BOTTOM: f64 = 128.0;
const LEGEND_COLUMNS: usize = 2;
const MEASURED: &str = "#0072B2";

/// What a line looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// What was measured: thick, with markers.
    Measured,
    /// What a formula says: thin, in this colour and with this dash pattern.
    Formula(&'static str, &'static str),
    /// Points of a measured line that are not as good as they look: rings in their places.
    Doubtful,
}

impl Look {
    /// The attributes of its line, if it has one.
    fn stroke(self) -> Option<String> {
        match self {
            Self::Measured => Some(format!("stroke=\"{MEASURED}\" stroke-width=\"2.5\"")),
            Self::Formula(colour, dash) => Some(format!(
                "stroke=\"{colour}\" stroke-width=\"1.8\" stroke-dasharray=\"{dash}\""
            )),
            Self::Doubtful => None,
        }
    }

    /// The attributes of its markers, if it has any.
    fn marker(self) -> Option<String> {
        match self {
            Self::Measured => Some(format!("r=\"4\" fill=\"{MEASURED}\"")),
            Self::Formula(..) => None,
            Self::Doubtful => Some(format!(
                "r=\"5\" fill=\"#ffffff\" stroke=\"{MEASURED}\" stroke-width=\"2\""
            )),
        }
    }
}

/// One line, in the units of the axes.
#[derive(Clone, Debug)]
pub(crate) struct Line {
    pub(crate) name: String,
    pub(crate) look: Look,
    pub(crate) points: Vec<(f64, f64)>,
}

/// One axis; positions are between `from` and `to`, on a logarithmic scale if so asked (then both above 0).
#[derive(Clone, Debug)]
pub(crate) struct Axis {
    pub(crate) label: String,
    pub(crate) from: f64,
    pub(crate) to: f64,
    pub(crate) log: bool,
    pub(crate) ticks: Vec<(f64, String)>,
}

impl Axis {
    /// Where a value lies on the axis, from 0 to 1.
    fn part(&self, value: f64) -> f64 {
        let place = |v: f64| if self.log { v.ln() } else { v };
        (place(value) - place(self.from)) / (place(self.to) - place(self.from))
    }
}

/// A chart.
#[derive(Clone, Debug)]
pub(crate) struct Chart {
    pub(crate) title: String,
    /// All that it shows, in words.
    pub(crate) description: String,
    pub(crate) x: Axis,
    pub(crate) y: Axis,
    pub(crate) lines: Vec<Line>,
}

impl Chart {
    /// The whole file.
    pub(crate) fn svg(&self) -> String {
        let mut svg = String::new();
        let _ = writeln!(
            svg,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" \
role=\"img\" aria-labelledby=\"title description\" font-family=\"sans-serif\" font-size=\"13\" fill=\"#222222\">"
        );
        let _ = writeln!(svg, "<title id=\"title\">{}</title>", escaped(&self.title));
        let words = escaped(&self.description);
        let _ = writeln!(svg, "<desc id=\"description\">{words}</desc>");
        let (w, h) = (WIDTH - 1.0, HEIGHT - 1.0);
        let _ = writeln!(
            svg,
            "<rect x=\"0.5\" y=\"0.5\" width=\"{w}\" height=\"{h}\" rx=\"6\" fill=\"#ffffff\" stroke=\"#bbbbbb\"/>"
        );
        text(
            &mut svg,
            WIDTH / 2.0,
            28.0,
            "middle",
            " font-size=\"16\" font-weight=\"bold\"",
            &self.title,
        );
        self.axes(&mut svg);
        self.lines.iter().for_each(|line| self.line(&mut svg, line));
        self.legend(&mut svg);
        svg.push_str("</svg>\n");
        svg
    }

    fn at(&self, (x, y): (f64, f64)) -> (f64, f64) {
        let across = LEFT + self.x.part(x) * (WIDTH - LEFT - RIGHT);
        let down = HEIGHT - BOTTOM - self.y.part(y) * (HEIGHT - TOP - BOTTOM);
        (across, down)
    }

    fn axes(&self, svg: &mut String) {
        let (right, bottom) = (WIDTH - RIGHT, HEIGHT - BOTTOM);
        for (value, label) in &self.x.ticks {
            let (x, _) = self.at((*value, self.y.from));
            rule(svg, (x, TOP), (x, bottom), "#e2e2e2");
            text(svg, x, bottom + 18.0, "middle", "", label);
        }
        for (value, label) in &self.y.ticks {
            let (_, y) = self.at((self.x.from, *value));
            rule(svg, (LEFT, y), (right, y), "#e2e2e2");
            text(svg, LEFT - 8.0, y + 4.5, "end", "", label);
        }
        rule(svg, (LEFT, bottom), (right, bottom), "#555555");
        rule(svg, (LEFT, TOP), (LEFT, bottom), "#555555");
        let (middle, centre) = (f64::midpoint(LEFT, right), f64::midpoint(TOP, bottom));
        text(svg, middle, bottom + 40.0, "middle", "", &self.x.label);
        let turned = format!(" transform=\"rotate(-90 18 {centre:.1})\"");
        text(svg, 18.0, centre, "middle", &turned, &self.y.label);
    }

    fn line(&self, svg: &mut String, line: &Line) {
        let points: Vec<(f64, f64)> = line.points.iter().map(|point| self.at(*point)).collect();
        if let Some(stroke) = line.look.stroke() {
            let path: Vec<String> = points
                .iter()
                .map(|(x, y)| format!("{x:.1},{y:.1}"))
                .collect();
            let path = path.join(" ");
            let _ = writeln!(svg, "<polyline points=\"{path}\" fill=\"none\" {stroke}/>");
        }
        for point in points {
            marker(svg, point, line.look);
        }
    }

    fn legend(&self, svg: &mut String) {
        for (i, line) in self.lines.iter().enumerate() {
            let column = (i % LEGEND_COLUMNS) as f64;
            let x = LEFT + column * (WIDTH - LEFT - RIGHT) / LEGEND_COLUMNS as f64;
            let y = HEIGHT - BOTTOM + 66.0 + 22.0 * (i / LEGEND_COLUMNS) as f64;
            let end = x + 34.0;
            if let Some(stroke) = line.look.stroke() {
                let _ = writeln!(
                    svg,
                    "<line x1=\"{x:.1}\" y1=\"{y:.1}\" x2=\"{end:.1}\" y2=\"{y:.1}\" {stroke}/>"
                );
            }
            marker(svg, (x + 17.0, y), line.look);
            text(svg, end + 8.0, y + 4.5, "start", "", &line.name);
        }
    }
}

fn marker(svg: &mut String, (x, y): (f64, f64), look: Look) {
    if let Some(marker) = look.marker() {
        let _ = writeln!(svg, "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" {marker}/>");
    }
}

fn rule(svg: &mut String, from: (f64, f64), to: (f64, f64), colour: &str) {
    let _ = writeln!(
        svg,
        "<line x1=\"{:.1}\" y1=\"{:.1}\" x2=\"{:.1}\" y2=\"{:.1}\" stroke=\"{colour}\"/>",
        from.0, from.1, to.0, to.1
    );
}

fn text(svg: &mut String, x: f64, y: f64, anchor: &str, more: &str, words: &str) {
    let words = escaped(words);
    let _ = writeln!(
        svg,
        "<text x=\"{x:.1}\" y=\"{y:.1}\" text-anchor=\"{anchor}\"{more}>{words}</text>"
    );
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
