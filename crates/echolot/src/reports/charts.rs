//! Charts as SVG within a page: no script, colours of the page, a title for who cannot see them.

use std::fmt::Write;

use echolot_core::Share;

use super::html::escape;

/// A chart.
#[derive(Debug)]
pub(super) enum Chart {
    /// A column for each period.
    Columns { title: String, points: Vec<Point> },
    /// A line through the periods, with its interval.
    Line { title: String, points: Vec<Point> },
    /// A bar for each theme, with its interval.
    Bars { title: String, bars: Vec<Bar>, is_praise: bool },
}

/// A figure of a period.
#[derive(Debug)]
pub(super) struct Point {
    pub(super) label: String,
    pub(super) value: Option<f64>,
    pub(super) interval: Option<(f64, f64)>,
}

/// The share of a theme.
#[derive(Debug)]
pub(super) struct Bar {
    pub(super) label: String,
    pub(super) share: Share,
}

impl Chart {
    /// What the chart shows.
    pub(super) fn title(&self) -> &str {
        match self {
            Self::Columns { title, .. } | Self::Line { title, .. } | Self::Bars { title, .. } => {
                title
            }
        }
    }

    /// The chart as an SVG element.
    pub(super) fn svg(&self) -> String {
        let (height, body) = match self {
            Self::Columns { points, .. } => (HEIGHT + FOOT, columns(points)),
            Self::Line { points, .. } => (HEIGHT + FOOT, line(points)),
            Self::Bars { bars, is_praise, .. } => {
                (bars.len() as f64 * ROW + 4.0, bars_of(bars, *is_praise))
            }
        };
        let title = escape(self.title());
        format!(
            "<svg role=\"img\" viewBox=\"0 0 {WIDTH} {height}\" aria-label=\"{title}\"><title>{title}</title>{body}</svg>"
        )
    }
}

/// All lengths are in units of the view box.
const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 150.0;
/// Space for the labels below.
const FOOT: f64 = 22.0;
/// Space for the scale at the left.
const LEFT: f64 = 44.0;
/// The height of a bar with its gap, and the space for its label.
const ROW: f64 = 24.0;
const LABEL: f64 = 260.0;
/// So many characters of the widest usual text fit into it.
const LABEL_CHARS: usize = 34;
/// The most labels below a chart.
const LABELS: usize = 8;

fn columns(points: &[Point]) -> String {
    let highest = points.iter().filter_map(|point| point.value).fold(1.0, f64::max);
    let step = (WIDTH - LEFT) / points.len().max(1) as f64;
    let mut svg = scale((0.0, highest));
    for (at, point) in points.iter().enumerate() {
        let value = point.value.unwrap_or(0.0);
        let height = value / highest * (HEIGHT - 10.0);
        let x = LEFT + step * (at as f64 + 0.1);
        let label = escape(&point.label);
        write!(
            svg,
            "<rect class=\"column\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" height=\"{height:.1}\"><title>{label}: {value}</title></rect>",
            HEIGHT - height,
            step * 0.8
        )
        .ok();
    }
    svg + &labels(points, step)
}

fn line(points: &[Point]) -> String {
    let ends = points.iter().filter_map(|point| {
        let value = point.value?;
        Some(point.interval.unwrap_or((value, value)))
    });
    let (low, high) = ends
        .fold((0.0_f64, 0.0_f64), |(low, high), (lower, upper)| (low.min(lower), high.max(upper)));
    let (low, high) = (low.max(-100.0), high.min(100.0).max(low.max(-100.0) + 1.0));
    let step = (WIDTH - LEFT) / points.len().max(1) as f64;
    let x = |at: usize| LEFT + step * (at as f64 + 0.5);
    let y = |value: f64| HEIGHT - (value.clamp(low, high) - low) / (high - low) * (HEIGHT - 10.0);
    let mut svg = scale((low, high));
    let zero = y(0.0);
    write!(
        svg,
        "<line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{zero:.1}\" y2=\"{zero:.1}\"/>"
    )
    .ok();
    let mut path = String::new();
    let mut was_there = false;
    for (at, point) in points.iter().enumerate() {
        let Some(value) = point.value else {
            was_there = false;
            continue;
        };
        let (x, y_value) = (x(at), y(value));
        if let Some((lower, upper)) = point.interval {
            let (lower, upper) = (y(lower), y(upper));
            write!(svg, "<line class=\"interval\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{lower:.1}\" y2=\"{upper:.1}\"/>").ok();
        }
        let move_or_line = if was_there { 'L' } else { 'M' };
        write!(path, "{move_or_line}{x:.1} {y_value:.1}").ok();
        let label = escape(&point.label);
        write!(svg, "<circle class=\"dot\" cx=\"{x:.1}\" cy=\"{y_value:.1}\" r=\"2.5\"><title>{label}: {value:.1}</title></circle>").ok();
        was_there = true;
    }
    write!(svg, "<path class=\"line\" d=\"{path}\"/>").ok();
    svg + &labels(points, step)
}

fn bars_of(bars: &[Bar], is_praise: bool) -> String {
    let highest = bars.iter().map(|bar| bar.share.high).fold(f64::MIN_POSITIVE, f64::max);
    let x = |share: f64| LABEL + share / highest * (WIDTH - LABEL - 4.0);
    let class = if is_praise { "praise" } else { "complaint" };
    let mut svg = String::new();
    for (at, Bar { label, share }) in bars.iter().enumerate() {
        let top = at as f64 * ROW + 3.0;
        let middle = top + ROW / 2.0 - 2.0;
        let shown = escape(&crate::table::one_line(label, LABEL_CHARS));
        let (width, low, high) = (x(share.value) - LABEL, x(share.low), x(share.high));
        write!(
            svg,
            "<text class=\"label\" x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{shown}</text>\
             <rect class=\"{class}\" x=\"{LABEL}\" y=\"{top:.1}\" width=\"{width:.1}\" height=\"{:.1}\"><title>{}: {} / {}</title></rect>\
             <line class=\"interval\" x1=\"{low:.1}\" x2=\"{high:.1}\" y1=\"{middle:.1}\" y2=\"{middle:.1}\"/>",
            LABEL - 8.0,
            middle + 4.0,
            ROW - 6.0,
            escape(label),
            share.hits,
            share.total
        )
        .ok();
    }
    svg
}

/// The ends of the scale at the left, and the line below.
fn scale((low, high): (f64, f64)) -> String {
    let x = LEFT - 6.0;
    format!(
        "<text class=\"scale\" x=\"{x}\" y=\"14\" text-anchor=\"end\">{high:.0}</text>\
         <text class=\"scale\" x=\"{x}\" y=\"{HEIGHT}\" text-anchor=\"end\">{low:.0}</text>\
         <line class=\"axis\" x1=\"{LEFT}\" x2=\"{WIDTH}\" y1=\"{HEIGHT}\" y2=\"{HEIGHT}\"/>"
    )
}

fn labels(points: &[Point], step: f64) -> String {
    let every = points.len().div_ceil(LABELS).max(1);
    let mut svg = String::new();
    for (at, point) in points.iter().enumerate().step_by(every) {
        let x = LEFT + step * (at as f64 + 0.5);
        let (y, label) = (HEIGHT + 16.0, escape(&point.label));
        write!(
            svg,
            "<text class=\"scale\" x=\"{x:.1}\" y=\"{y}\" text-anchor=\"middle\">{label}</text>"
        )
        .ok();
    }
    svg
}
