//! A large data folder: the verbatims of a small one, repeated with jitter.

use std::path::Path;

use echolot_core::{FeedbackId, Fingerprint, Rating, Timestamp};
use echolot_engine::{StoredTheme, Verbatim, open_snapshot};
use echolot_index::{
    AnalysedFeedback, DataFolder, Error, OpinionUnit, Placement, PrototypeId, RowId, RunWriter,
    StoredPrototype,
};

use crate::store::store_of;

/// Verbatims that are analysed; all others repeat them.
const ANALYSED: usize = 2_000;

/// Makes a data folder with so many verbatims at `folder`. Every tenth repeats
/// another; customers write ten times in the mean; there are 200 branches.
///
/// # Panics
/// When a folder cannot be written.
pub fn large_store_of(verbatims: usize, folder: &Path) {
    let small = folder.with_extension("small");
    store_of(ANALYSED, &small);
    let snapshot = open_snapshot(&small).expect("the small folder can be opened");
    let mut rows: Vec<Verbatim> = Vec::new();
    snapshot
        .for_each_verbatim(|verbatim| {
            rows.push(verbatim);
            Ok::<(), Error>(())
        })
        .expect("the small folder can be read");
    let themes = snapshot.stored_themes().expect("the themes can be read");
    repeat(&rows, &themes, verbatims, folder).expect("the large folder can be written");
}

fn repeat(
    rows: &[Verbatim],
    themes: &[StoredTheme],
    verbatims: usize,
    folder: &Path,
) -> Result<(), Error> {
    let folder = DataFolder::create_or_open(folder)?;
    let lock = folder.lock()?;
    let mut writer = folder.begin_run(&lock)?;
    for theme in themes {
        writer.theme_store().put_theme(theme)?;
        writer.theme_store().put_prototype(&prototype_of(theme))?;
    }
    for number in 0..verbatims {
        insert(&mut writer, &rows[number % rows.len()], number)?;
    }
    let at = Timestamp::from_seconds(0).expect("1970 is a year");
    writer.commit(&serde_json::json!({}), at)?;
    folder.publish(&lock)?;
    Ok(())
}

/// One prototype for each theme, of the same number.
fn prototype_of(theme: &StoredTheme) -> StoredPrototype {
    StoredPrototype {
        id: PrototypeId(theme.id.0),
        theme: theme.id,
        polarity: theme.polarity,
        centroid: vec![],
        size: theme.size,
        threshold: 1.0,
    }
}

fn insert(writer: &mut RunWriter, row: &Verbatim, number: usize) -> Result<(), Error> {
    // A product of odd factors and the number spreads over any range.
    let spread = |bound: usize, factor: usize| number.wrapping_mul(factor) / 7 % bound;
    let mut feedback = row.feedback.clone();
    feedback.id = FeedbackId::new(format!("{number}"));
    feedback.release = Some(format!("2.{}.{}", spread(10, 31), spread(3, 17)));
    feedback.respondent = Some(format!("r{}", spread(100_000, 7_919)));
    feedback.rating = Rating::new(1.0 + spread(5, 13) as f64).ok();
    feedback.created_at =
        Timestamp::from_seconds(1_700_000_000 + 86_400 * spread(700, 101).cast_signed() as i64);
    feedback.attributes = [("Filiale".to_owned(), format!("Filiale {}", spread(200, 37)))].into();
    let unit = |unit: &echolot_engine::ThemedUnit| OpinionUnit {
        span: unit.span,
        polarity: unit.polarity,
        topic: unit.topic,
        vector: vec![],
    };
    let key = Fingerprint::of_text(feedback.id.as_str());
    let item = AnalysedFeedback {
        content: key,
        verbatim: row.verbatim.clone(),
        clean: row.verbatim.clone(),
        language: row.language,
        reading_key: key,
        duplicate_key: key,
        bands: vec![],
        analysis: row.analysis.clone(),
        units: row.units.iter().map(unit).collect(),
        opinion_units: row.opinion_units.clone(),
        first_response_s: row.first_response_s,
        resolution_s: row.resolution_s,
        is_analysed: true,
        feedback,
    };
    let canonical = (number % 10 == 9).then(|| RowId((number - number % 50) as u32));
    let place = writer.insert(&item, canonical)?;
    for (unit, at) in row.units.iter().zip(0..) {
        if let Some(theme) = unit.theme {
            let prototype = PrototypeId(theme.0);
            let at_theme = Placement { theme, prototype, similarity: 1.0, confidence: 1.0 };
            writer.theme_store().place((place, at), &at_theme)?;
        }
    }
    Ok(())
}
