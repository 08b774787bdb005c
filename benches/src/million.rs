//! A data folder of any size, put together from what a small one holds.
//!
//! A million verbatims would take the night job most of an hour; what is
//! measured of them is searching. So each is made of one to three opinion units
//! of one language that a run has analysed, with their topics, polarities and
//! vectors, and is written as a run writes it.

use std::path::Path;

use echolot_core::{
    Analysis, Body, CharSpan, Draws, Feedback, FeedbackId, Fingerprint, Intent, Language, Opinion,
    Polarity, Timestamp,
};
use echolot_index::{AnalysedFeedback, DataFolder, Error, OpinionUnit, Snapshot, UnitRow};

/// A language with less than this share of the units, as one in so many, has too
/// few to draw from.
const RARE: usize = 10;

/// Makes a data folder with so many verbatims at `folder`, out of the units of
/// the one at `base`.
///
/// # Panics
/// When the one cannot be read, holds no units, or the other cannot be
/// written.
pub fn recombined_store(base: &Path, verbatims: usize, folder: &Path) {
    let base = DataFolder::open(base).expect("the analysed folder can be opened");
    let units = Units::of(&base.snapshot().expect("it has a generation"))
        .expect("the analysed folder can be read");
    assert!(!units.by_language.is_empty(), "the analysed folder holds opinion units");
    write(&units, verbatims, folder).expect("the folder can be written");
}

/// What is drawn from.
struct Units {
    by_language: Vec<(Language, Vec<UnitRow>)>,
    /// The items that the units are from, by row.
    items: Vec<Feedback>,
}

impl Units {
    fn of(snapshot: &Snapshot) -> Result<Self, Error> {
        let mut items = Vec::new();
        snapshot.for_each_feedback(|verbatim| {
            items.push(verbatim.feedback);
            Ok::<(), Error>(())
        })?;
        let mut by_language: Vec<(Language, Vec<UnitRow>)> = Vec::new();
        for unit in snapshot.units()? {
            match by_language.iter_mut().find(|(language, _)| *language == unit.language) {
                Some((_, units)) => units.push(unit),
                None => by_language.push((unit.language, vec![unit])),
            }
        }
        let all: usize = by_language.iter().map(|(_, units)| units.len()).sum();
        by_language.retain(|(_, units)| units.len() * RARE >= all);
        Ok(Self { by_language, items })
    }

    /// Verbatim number `number`.
    fn draw(&self, number: usize, draws: &mut Draws) -> AnalysedFeedback {
        let (language, units) = &self.by_language[draws.below(self.by_language.len())];
        let count = 1 + draws.below(3);
        let chosen: Vec<&UnitRow> = (0..count).map(|_| &units[draws.below(units.len())]).collect();
        let (mut text, mut chars, mut spans) = (String::new(), 0, Vec::new());
        for unit in &chosen {
            if !text.is_empty() {
                text.push(' ');
                chars += 1;
            }
            let start = chars;
            text.push_str(&unit.text);
            chars += unit.text.chars().count();
            spans.push(CharSpan::new(start, chars));
        }
        let stored = |(unit, span): (&&UnitRow, &CharSpan)| OpinionUnit {
            span: *span,
            polarity: unit.polarity,
            topic: unit.topic,
            vector: unit.vector.clone(),
        };
        let opinion = |(unit, span): (&&UnitRow, &CharSpan)| Opinion {
            span: *span,
            topic: unit.topic,
            polarity: unit.polarity,
            confidence: 0.5,
        };
        let polarity = chosen[0].polarity;
        let key = Fingerprint::of_text(&number.to_string());
        AnalysedFeedback {
            feedback: Feedback {
                id: FeedbackId::new(format!("m{number}")),
                body: Body::Text(text.clone()),
                language: None,
                ..self.items[chosen[0].row.index()].clone()
            },
            content: key,
            verbatim: text.clone(),
            clean: text,
            language: *language,
            reading_key: key,
            duplicate_key: key,
            bands: vec![],
            analysis: Analysis {
                polarity,
                score: match polarity {
                    Polarity::Negative => -0.5,
                    Polarity::Positive => 0.5,
                    Polarity::Neutral => 0.0,
                },
                intents: vec![Intent::Complaint],
                opinions: chosen.iter().zip(&spans).map(opinion).collect(),
            },
            units: chosen.iter().zip(&spans).map(stored).collect(),
            opinion_units: (0..chosen.len() as u32).collect(),
            first_response_s: None,
            resolution_s: None,
            is_analysed: true,
        }
    }
}

fn write(units: &Units, verbatims: usize, folder: &Path) -> Result<(), Error> {
    let mut draws = Draws::new(1);
    let folder = DataFolder::create_or_open(folder)?;
    let lock = folder.lock()?;
    let mut writer = folder.begin_run(&lock)?;
    for number in 0..verbatims {
        writer.insert(&units.draw(number, &mut draws), None)?;
    }
    let at = Timestamp::from_seconds(0).expect("1970 is a year");
    writer.commit(&serde_json::json!({}), at)?;
    folder.publish(&lock)?;
    Ok(())
}
