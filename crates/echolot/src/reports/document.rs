//! What a report says: headings, paragraphs, tables, quotes and charts.

use echolot_core::{CesVersion, Interval, Mean, Polarity, ResponseTimes};
use echolot_engine::{
    ComplaintTable, CorrectedCount, Driver, DriverQuestion, DriverTable, EmergingPeriod,
    EmergingTable, KpiRow, Outcome, Report, ThemeRow, Trend,
};

use super::charts::{Bar, Chart, Point};
use super::words::Tongue;

/// A report that is yet to be written down.
#[derive(Debug)]
pub(super) struct Document {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

/// A part of a document.
#[derive(Debug)]
pub(super) enum Block {
    Heading(String),
    Paragraph(String),
    /// A small note, as on how to read a table.
    Note(String),
    Table(Table),
    Quote {
        text: String,
        id: String,
    },
    Chart(Chart),
}

/// A table; the first `left` columns are words, the others figures.
#[derive(Debug)]
pub(super) struct Table {
    pub(super) header: Vec<String>,
    pub(super) left: usize,
    pub(super) rows: Vec<Vec<String>>,
}

/// Bars of a chart, and releases of a table.
const MOST: usize = 12;
/// The longest quote, in characters.
const LONGEST_QUOTE: usize = 240;

/// Puts a report into words.
pub(super) fn compose(report: &Report, generation: u64, tongue: Tongue) -> Document {
    let mut writer = Writer { tongue, blocks: vec![] };
    let title = writer.title(report);
    writer.opening(report, generation);
    writer.key_figures(&report.kpis);
    writer.months(&report.volume.1, &report.sentiment.1);
    writer.releases(&report.releases);
    writer.themes(&report.complaints.rows, Polarity::Negative);
    writer.themes(&report.praise.rows, Polarity::Positive);
    if let Some(changes) = &report.changes {
        writer.changes(changes);
    }
    if let Some((_, emerging)) = &report.emerging {
        writer.emerging(emerging);
    }
    for (question, drivers) in &report.drivers {
        writer.drivers(question, drivers);
    }
    Document { title, blocks: writer.blocks }
}

struct Writer {
    tongue: Tongue,
    blocks: Vec<Block>,
}

impl Writer {
    fn say(&mut self, block: Block) {
        self.blocks.push(block);
    }

    fn heading(&mut self, text: impl Into<String>) {
        self.say(Block::Heading(text.into()));
    }

    fn note(&mut self, english: &str, german: &str) {
        let text = self.tongue.of(english, german).to_owned();
        self.say(Block::Note(text));
    }

    fn nothing(&mut self) {
        let text = self.tongue.of("Nothing.", "Nichts.").to_owned();
        self.say(Block::Paragraph(text));
    }

    fn table(&mut self, left: usize, header: &[(&str, &str)], rows: Vec<Vec<String>>) {
        let header = header.iter().map(|(en, de)| self.tongue.of(en, de).to_owned()).collect();
        self.say(Block::Table(Table { header, left, rows }));
    }

    fn title(&self, report: &Report) -> String {
        let all = self.tongue.of("all products", "alle Produkte");
        let product = report.question.product.as_deref().unwrap_or(all);
        let release = report.question.release.as_ref().map(|release| format!(" {release}"));
        let name = self.tongue.of("Voice of the customer", "Die Stimme der Kunden");
        format!("{name}: {product}{}", release.unwrap_or_default())
    }

    fn opening(&mut self, report: &Report, generation: u64) {
        let tongue = self.tongue;
        let day = |at: echolot_core::Timestamp| at.to_string().chars().take(10).collect::<String>();
        let written = report.written.map(|(first, last)| {
            let (from, to) = (tongue.of("written from", "geschrieben vom"), tongue.of("to", "bis"));
            format!(", {from} {} {to} {}", day(first), day(last))
        });
        let as_of = report
            .question
            .as_of
            .map(|day| format!(" {} {day}.", tongue.of("As of the end of", "Stand: Ende des")));
        let text = format!(
            "{} {}, {} {}{}. {} {generation}.{}",
            report.kpis.verbatims,
            tongue.of("verbatims", "Kundenäußerungen"),
            report.texts,
            tongue.of("without repeats", "ohne Wiederholungen"),
            written.unwrap_or_default(),
            tongue.of("Generation", "Generation"),
            as_of.unwrap_or_default(),
        );
        self.say(Block::Paragraph(text));
        let CorrectedCount { corrected, spam } = report.corrected;
        if corrected + spam > 0 {
            let text = match tongue {
                Tongue::En => format!(
                    "{corrected} of them are counted as people have corrected them; {spam} more \
                     are left out as spam."
                ),
                Tongue::De => format!(
                    "{corrected} davon zählen, wie Menschen sie berichtigt haben; {spam} weitere \
                     bleiben als Spam außen vor."
                ),
            };
            self.say(Block::Paragraph(text));
        }
        self.note(
            "Intervals are 95 % intervals. Every figure of the JSON form of this report carries a \
             trace, with which `echolot recount` counts it again from the stored rows.",
            "Intervalle sind 95-%-Intervalle. Jede Zahl der JSON-Form dieses Berichts trägt eine Spur, \
             mit der `echolot recount` sie aus den gespeicherten Zeilen nachzählt.",
        );
    }

    fn key_figures(&mut self, kpis: &KpiRow) {
        let tongue = self.tongue;
        let mut rows: Vec<Vec<String>> = Vec::new();
        let mut add = |name: &str, value: String, answers: u64| {
            rows.push(vec![name.to_owned(), value, answers.to_string()]);
        };
        let points = |points: f64, interval: Option<Interval>| {
            let end = |value| tongue.signed(value, 1);
            let interval = interval.map(|i| format!(" [{} … {}]", end(i.low), end(i.high)));
            format!("{}{}", end(points), interval.unwrap_or_default())
        };
        if let Some(nps) = kpis.nps {
            add("NPS", points(nps.points, nps.interval()), nps.answers());
        }
        if let Some(csat) = kpis.csat {
            add("CSAT", tongue.share(csat), csat.total);
        }
        let mut add_mean = |name: &str, mean: Option<Mean>, scale| {
            let Some(mean) = mean else { return };
            let end = |value| tongue.number(value, 2);
            let interval = mean.interval(scale);
            let interval = interval.map(|i| format!(" [{}–{}]", end(i.low), end(i.high)));
            add(name, format!("{}{}", end(mean.value), interval.unwrap_or_default()), mean.count);
        };
        add_mean("CES 2.0 (1–7)", kpis.ces, CesVersion::V2.scale());
        add_mean("CES 1.0 (1–5)", kpis.ces_v1, CesVersion::V1.scale());
        add_mean(tongue.of("Rating", "Bewertung"), kpis.rating, kpis.rating_scale);
        if let Some(net) = kpis.net_sentiment {
            let name = tongue.of("Net sentiment", "Netto-Stimmung");
            add(name, points(net.points, net.interval()), net.verbatims());
        }
        let median = |times: ResponseTimes| tongue.duration(times.median_seconds);
        if let Some(times) = kpis.first_response {
            let name = tongue.of("First reply (median)", "Erste Antwort (Median)");
            add(name, median(times), times.count);
        }
        if let Some(times) = kpis.resolution {
            add(
                tongue.of("Resolved in (median)", "Gelöst in (Median)"),
                median(times),
                times.count,
            );
        }
        if let Some(share) = kpis.first_contact {
            let name = tongue.of("Resolved at first contact", "Beim ersten Kontakt gelöst");
            add(name, tongue.share(share), share.total);
        }
        self.heading(tongue.of("Key figures", "Kennzahlen"));
        if rows.is_empty() {
            return self.nothing();
        }
        let header = [("Figure", "Kennzahl"), ("Value", "Wert"), ("Answers", "Antworten")];
        self.table(1, &header, rows);
    }

    fn months(&mut self, volume: &Trend, sentiment: &Trend) {
        if volume.points.len() < 2 {
            return;
        }
        let tongue = self.tongue;
        self.heading(tongue.of("Over time", "Im Zeitverlauf"));
        let point = |point: &echolot_engine::TrendPoint| Point {
            label: point.period.clone(),
            value: point.value,
            interval: point.low.zip(point.high),
        };
        let title = tongue
            .of("Verbatims by month, repeats once", "Äußerungen je Monat, Wiederholungen einmal");
        self.say(Block::Chart(Chart::Columns {
            title: title.to_owned(),
            points: volume.points.iter().map(point).collect(),
        }));
        let title =
            tongue.of("Net sentiment by month, in points", "Netto-Stimmung je Monat, in Punkten");
        self.say(Block::Chart(Chart::Line {
            title: title.to_owned(),
            points: sentiment.points.iter().map(point).collect(),
        }));
    }

    fn releases(&mut self, releases: &[KpiRow]) {
        if releases.is_empty() {
            return;
        }
        let tongue = self.tongue;
        self.heading("Releases");
        let shown = &releases[releases.len().saturating_sub(MOST)..];
        let rows = shown.iter().map(|row| {
            let dash = || "–".to_owned();
            vec![
                row.group.clone().unwrap_or_default(),
                row.verbatims.to_string(),
                row.rating.map_or_else(dash, |mean| tongue.number(mean.value, 2)),
                row.nps.map_or_else(dash, |nps| tongue.signed(nps.points, 0)),
                row.csat.map_or_else(dash, |csat| tongue.percent(csat.value)),
                row.net_sentiment.map_or_else(dash, |net| tongue.signed(net.points, 1)),
            ]
        });
        let rows = rows.collect();
        let header = [
            ("Release", "Release"),
            ("Verbatims", "Äußerungen"),
            ("Rating", "Bewertung"),
            ("NPS", "NPS"),
            ("CSAT", "CSAT"),
            ("Net sentiment", "Netto-Stimmung"),
        ];
        self.table(1, &header, rows);
        if shown.len() < releases.len() {
            self.note(
                "The newest releases; JSON has all.",
                "Die neuesten Releases; die JSON-Form hat alle.",
            );
        }
    }

    /// What is complained about, or praised.
    fn themes(&mut self, rows: &[ThemeRow], polarity: Polarity) {
        self.heading(match polarity {
            Polarity::Positive => self.tongue.of("Top praise", "Häufigstes Lob"),
            _ => self.tongue.of("Top complaints", "Häufigste Beschwerden"),
        });
        if rows.is_empty() {
            return self.nothing();
        }
        let tongue = self.tongue;
        let bars = rows
            .iter()
            .take(MOST)
            .filter_map(|row| Some(Bar { label: row.theme.title().to_owned(), share: row.share? }));
        let what = tongue.of("Share of verbatims", "Anteil an den Äußerungen");
        self.say(Block::Chart(Chart::Bars {
            title: what.to_owned(),
            bars: bars.collect(),
            is_praise: polarity == Polarity::Positive,
        }));
        let table = rows.iter().map(|row| {
            vec![
                row.theme.title().to_owned(),
                tongue.topic(row.theme.topic),
                row.volume.to_string(),
                row.share.map_or_else(String::new, |share| tongue.share(share)),
            ]
        });
        let table = table.collect();
        let header = [
            ("Theme", "Thema"),
            ("Topic", "Gebiet"),
            ("Verbatims", "Äußerungen"),
            ("Share", "Anteil"),
        ];
        self.table(2, &header, table);
        for example in rows.iter().take(5).filter_map(|row| row.examples.first()) {
            let text = shortened(&example.quote);
            self.say(Block::Quote { text, id: example.id.to_string() });
        }
    }

    fn changes(&mut self, table: &ComplaintTable) {
        let Some(baseline) = &table.baseline else { return };
        let tongue = self.tongue;
        let beside = tongue.of("beside", "neben");
        let title = tongue.of("Complaints about", "Beschwerden über");
        self.heading(format!("{title} {} {beside} {baseline}", table.release));
        let rows: Vec<Vec<String>> = table
            .rows
            .iter()
            .filter_map(|row| {
                let change = row.change?;
                Some(vec![
                    row.label.clone(),
                    tongue.change(change.word).to_owned(),
                    row.volume.to_string(),
                    tongue.share(row.share),
                    row.baseline_share
                        .map_or_else(String::new, |share| tongue.percent(share.value)),
                    tongue.probability(change.q),
                ])
            })
            .collect();
        if rows.is_empty() {
            return self.nothing();
        }
        let header = [
            ("Theme", "Thema"),
            ("Change", "Änderung"),
            ("Verbatims", "Äußerungen"),
            ("Share", "Anteil"),
            ("Before", "Vorher"),
            ("q", "q"),
        ];
        self.table(2, &header, rows);
        self.note(
            "q: the probability of such a difference by chance, corrected over all themes of both \
             releases (Benjamini-Hochberg).",
            "q: Wahrscheinlichkeit eines solchen Unterschieds durch Zufall, korrigiert über alle Themen \
             beider Releases (Benjamini-Hochberg).",
        );
    }

    fn emerging(&mut self, table: &EmergingTable) {
        let tongue = self.tongue;
        let title = tongue.of("Emerging", "Neu aufkommend");
        let period = match &table.period {
            EmergingPeriod::Release(release) => format!("Release {release}"),
            EmergingPeriod::Time(from, to) => {
                let day = |text: String| text.chars().take(10).collect::<String>();
                let (since, before) = (tongue.of("from", "vom"), tongue.of("to before", "bis vor"));
                format!("{since} {} {before} {}", day(from.to_string()), day(to.to_string()))
            }
        };
        self.heading(format!("{title} ({period})"));
        if table.rows.is_empty() {
            let text = tongue
                .of("No theme rose beyond chance.", "Kein Thema nahm über den Zufall hinaus zu.");
            return self.say(Block::Paragraph(text.to_owned()));
        }
        let rows = table.rows.iter().map(|row| {
            vec![
                row.label.clone(),
                tongue.topic(row.topic),
                row.share.hits.to_string(),
                tongue.number(row.expected, 1),
                tongue.share(row.share),
                tongue.percent(row.history_share.value),
                tongue.probability(row.q),
            ]
        });
        let rows = rows.collect();
        let header = [
            ("Theme", "Thema"),
            ("Topic", "Gebiet"),
            ("Verbatims", "Äußerungen"),
            ("Expected", "Erwartet"),
            ("Share", "Anteil"),
            ("Before", "Vorher"),
            ("q", "q"),
        ];
        self.table(2, &header, rows);
    }

    fn drivers(&mut self, question: &DriverQuestion, table: &DriverTable) {
        let (Some(mean), false) = (table.mean, table.rows.is_empty()) else { return };
        let tongue = self.tongue;
        let (name, digits) = match question.on {
            Outcome::Rating => (tongue.of("the rating", "der Bewertung"), 2),
            Outcome::Nps => (tongue.of("NPS", "des NPS"), 1),
            Outcome::Csat => (tongue.of("CSAT", "der CSAT"), 1),
            Outcome::Ces => (tongue.of("CES 2.0", "des CES 2.0"), 2),
            Outcome::CesV1 => (tongue.of("CES 1.0", "des CES 1.0"), 2),
        };
        let title = tongue.of("Drivers of", "Treiber");
        self.heading(format!("{title} {name}"));
        let text = format!(
            "{} {}, {} {}.",
            table.answers,
            tongue.of("answers", "Antworten"),
            tongue.of("on average", "im Mittel"),
            tongue.number(mean, digits)
        );
        self.say(Block::Paragraph(text));
        let rows = table.rows.iter().map(|row| {
            let (label, polarity) = match &row.driver {
                Driver::Theme(theme) => (theme.title().to_owned(), theme.polarity),
                Driver::Topic(topic, polarity) => (tongue.topic(*topic), *polarity),
                Driver::OwnTopic(topic, polarity) => (topic.name.clone(), *polarity),
                Driver::Stage(stage, polarity) => (stage.to_string(), *polarity),
            };
            let impact = &row.impact;
            vec![
                label,
                match polarity {
                    Polarity::Positive => tongue.of("praise", "Lob").to_owned(),
                    Polarity::Negative => tongue.of("complaint", "Beschwerde").to_owned(),
                    Polarity::Neutral => tongue.of("neutral", "neutral").to_owned(),
                },
                impact.answers.to_string(),
                format!(
                    "{} [{} … {}]",
                    tongue.signed(impact.value, digits),
                    tongue.signed(impact.low, digits),
                    tongue.signed(impact.high, digits)
                ),
                row.weight.map_or_else(|| "–".to_owned(), |weight| tongue.percent(weight)),
            ]
        });
        let rows = rows.collect();
        let header = [
            ("Theme", "Thema"),
            ("", ""),
            ("Answers", "Antworten"),
            ("Impact", "Wirkung"),
            ("Weight", "Gewicht"),
        ];
        self.table(2, &header, rows);
        self.note(
            "Impact: the mean of all answers less the mean without those that speak of the theme. \
             Weight: its share of the variance. Both are associations, not causes.",
            "Wirkung: Mittel aller Antworten minus Mittel ohne jene, die das Thema nennen. Gewicht: \
             Anteil an der Varianz. Beides sind Zusammenhänge, keine Ursachen.",
        );
    }
}

/// One line of at most [`LONGEST_QUOTE`] characters.
fn shortened(quote: &str) -> String {
    crate::table::one_line(quote, LONGEST_QUOTE)
}
