//! `cluster`: the themes of one file, without a data folder.

use std::path::Path;

use echolot_core::{FeedbackId, Fingerprint, Language, Polarity};
use echolot_themes::{Options, Unit, discover, name};

use crate::analyst::Analyst;
use crate::ingest::{Delivered, Rejection, open};
use crate::{Config, Error, Progress, Step};

/// The themes of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileThemes {
    /// One entry per row of the file, in order.
    pub rows: Vec<ClusteredRow>,
    /// The themes, largest first; a row's theme is its position here.
    pub themes: Vec<FileTheme>,
}

/// What became of one row.
#[derive(Debug, Clone, PartialEq)]
pub enum ClusteredRow {
    /// An item with its theme; none where it fits none.
    Item {
        /// The id given, or derived from the content.
        id: FeedbackId,
        /// The position of its theme.
        theme: Option<u32>,
    },
    /// A row that is no feedback item.
    Rejected(Rejection),
}

/// A theme of a file.
#[derive(Debug, Clone, PartialEq)]
pub struct FileTheme {
    /// Its name.
    pub label: String,
    /// Its distinctive terms, strongest first.
    pub terms: Vec<String>,
    /// How many rows it has.
    pub size: u64,
    /// Rows that stand for it.
    pub examples: Vec<FeedbackId>,
}

/// Rows that are analysed together. The result does not depend on it.
const ROWS_AT_ONCE: usize = 1024;

/// One text as it is clustered.
struct Item {
    id: FeedbackId,
    text: String,
    language: Language,
    polarity: Polarity,
    vector: Vec<i8>,
}

/// Finds the themes of the texts in `file`, each text as a whole.
pub fn cluster(
    file: &Path,
    (config, analyst): (&Config, &Analyst),
    progress: &dyn Progress,
) -> Result<FileThemes, Error> {
    let mut lines = open(file, config.input.options_for(file))?;
    progress.begin(Step::Analyse, None);
    let mut items: Vec<Item> = Vec::new();
    let mut places: Vec<Result<usize, Rejection>> = Vec::new();
    loop {
        let chunk: Vec<Delivered> = lines.by_ref().take(ROWS_AT_ONCE).collect::<Result<_, _>>()?;
        if chunk.is_empty() {
            break;
        }
        progress.advance(chunk.len() as u64);
        let mut feedback = Vec::with_capacity(chunk.len());
        for delivered in chunk {
            match delivered {
                Delivered::Item(item, _) => {
                    places.push(Ok(items.len() + feedback.len()));
                    feedback.push(*item);
                }
                Delivered::Rejected(rejection) => places.push(Err(rejection)),
            }
        }
        items.extend(analyst.analyse(feedback).into_iter().map(|analysed| {
            let draft = analysed.draft;
            // A text the model could not read, or that says nothing, has no
            // direction and so joins no theme.
            let (polarity, vector) = match analysed.outcome {
                Ok((analysis, reading)) => (analysis.polarity, reading.vector),
                Err(_) => (Polarity::Neutral, vec![]),
            };
            Item {
                id: draft.feedback.id,
                text: draft.prepared.clean,
                language: draft.language,
                polarity,
                vector,
            }
        }));
    }
    progress.begin(Step::Theme, Some(items.len() as u64));
    Ok(themes_of(
        &mut items,
        places,
        &Options { split_by_polarity: false, ..config.themes.options.clone() },
    ))
}

fn themes_of(
    items: &mut [Item],
    places: Vec<Result<usize, Rejection>>,
    options: &Options,
) -> FileThemes {
    let dims = items.iter().map(|item| item.vector.len()).max().unwrap_or(0);
    for item in items.iter_mut() {
        item.vector.resize(dims, 0);
    }
    // Rows of the same id and text have equal keys, and are interchangeable.
    let units: Vec<Unit> = items
        .iter()
        .zip(0..)
        .map(|(item, verbatim)| Unit {
            vector: &item.vector,
            text: &item.text,
            language: item.language,
            polarity: item.polarity,
            verbatim,
            key: Fingerprint::of([item.id.as_str().as_bytes(), item.text.as_bytes()]),
        })
        .collect();
    let found = discover(&units, options);
    let themes =
        found.clusters.iter().zip(name(&found.clusters, &units)).map(|(cluster, name)| FileTheme {
            label: name.label,
            terms: name.terms,
            size: cluster.members.len() as u64,
            examples: name.examples.iter().map(|&row| items[row].id.clone()).collect(),
        });
    let rows = places.into_iter().map(|place| match place {
        Ok(row) => ClusteredRow::Item { id: items[row].id.clone(), theme: found.assignment[row] },
        Err(rejection) => ClusteredRow::Rejected(rejection),
    });
    FileThemes { themes: themes.collect(), rows: rows.collect() }
}
