//! What people have changed, in order, with all that undoing needs.

use echolot_core::{CharSpan, Correction, Fingerprint, Judgement, ThemeId, Timestamp, UnknownCode};
use rusqlite::{Connection, Row, params};
use serde::{Deserialize, Serialize};

use crate::columns;
use crate::encoding;
use crate::error::Error;
use crate::records::RowId;
use crate::theme_records::{
    Change, CorrectedAnswer, EditRecord, MergedTheme, MovedUnit, Portrait, PrototypeId,
};
use crate::theme_store::ThemeStore;

impl ThemeStore<'_> {
    /// All edits, oldest first.
    pub fn edits(self) -> Result<Vec<EditRecord>, Error> {
        read_edits(self.connection)
    }

    /// Writes a change down and returns the number of the edit.
    pub fn add_edit(self, (author, at): (&str, Timestamp), change: &Change) -> Result<u64, Error> {
        let mut statement = self.connection.prepare_cached(
            "INSERT INTO edit (generation, at, author, kind, detail) VALUES (?, ?, ?, ?, ?)
             RETURNING edit",
        )?;
        let generation = self.generation.cast_signed();
        let detail = serde_json::to_string(&Detail::from(change))?;
        let values = params![generation, at.seconds(), author, change.kind(), detail];
        let number: i64 = statement.query_row(values, |row| row.get(0))?;
        if let Change::Correct { corrections, .. } = change {
            let mut named = self
                .connection
                .prepare_cached("INSERT OR IGNORE INTO corrected (row, edit) VALUES (?, ?)")?;
            for corrected in corrections {
                named.execute(params![corrected.row.0, number])?;
            }
        }
        Ok(number.cast_unsigned())
    }

    /// Writes down that the edit `undone` was undone by the edit `by`.
    pub fn mark_undone(self, undone: u64, by: u64) -> Result<(), Error> {
        let mut statement =
            self.connection.prepare_cached("UPDATE edit SET undone_by = ? WHERE edit = ?")?;
        statement.execute([by.cast_signed(), undone.cast_signed()])?;
        Ok(())
    }
}

/// All edits, oldest first.
pub(crate) fn read_edits(connection: &Connection) -> Result<Vec<EditRecord>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT edit, generation, at, author, kind, detail, undone_by FROM edit ORDER BY edit",
    )?;
    let mut rows = statement.query([])?;
    let mut edits = Vec::new();
    while let Some(row) = rows.next()? {
        edits.push(read_edit(row)?);
    }
    Ok(edits)
}

/// The edits that are not undone and correct a verbatim, oldest first.
pub(crate) fn read_corrections_of(
    connection: &Connection,
    row: RowId,
) -> Result<Vec<EditRecord>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT edit, generation, at, author, kind, detail, undone_by
         FROM corrected JOIN edit USING (edit) WHERE row = ? AND undone_by IS NULL ORDER BY edit",
    )?;
    let mut rows = statement.query([row.0])?;
    let mut edits = Vec::new();
    while let Some(row) = rows.next()? {
        edits.push(read_edit(row)?);
    }
    Ok(edits)
}

fn read_edit(row: &Row<'_>) -> Result<EditRecord, Error> {
    let detail: Detail = serde_json::from_str(columns::text(row, 5)?)?;
    Ok(EditRecord {
        number: row.get::<_, i64>(0)?.cast_unsigned(),
        generation: row.get::<_, i64>(1)?.cast_unsigned(),
        at: encoding::timestamp(row.get(2)?)?,
        author: row.get(3)?,
        change: detail.change(columns::text(row, 4)?)?,
        undone_by: row.get::<_, Option<i64>>(6)?.map(i64::cast_unsigned),
    })
}

/// The column `detail`: of each kind of edit its own members.
#[derive(Debug, Serialize, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
enum Detail {
    Merge {
        into: u32,
        merged: Vec<MergedRecord>,
        before: Option<PortraitRecord>,
    },
    Split {
        theme: u32,
        parts: Vec<u32>,
        before: Option<PortraitRecord>,
    },
    Move {
        to: Option<u32>,
        units: Vec<MovedRecord>,
    },
    /// Pinning and hiding, whose kind says all there is. It stands before
    /// renaming, as names may be absent.
    Mark {
        theme: u32,
    },
    Rename {
        theme: u32,
        name: Option<String>,
        before: Option<String>,
        #[serde(default)]
        by_model: bool,
    },
    Correct {
        note: Option<String>,
        corrections: Vec<CorrectionRecord>,
    },
    Undo {
        edit: u64,
    },
}

#[derive(Debug, Serialize, Deserialize)]
struct PortraitRecord {
    topic: String,
    polarity: String,
    terms: Vec<String>,
    representative: (u32, u32),
    examples: Vec<(u32, u32)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MergedRecord {
    theme: u32,
    prototypes: Vec<u32>,
    parts: Vec<u32>,
    fixed_units: Vec<(u32, u32)>,
}

#[derive(Debug, Serialize, Deserialize)]
struct MovedRecord {
    row: u32,
    unit: u32,
    theme: Option<u32>,
    was_fixed: bool,
}

#[derive(Debug, Serialize, Deserialize)]
struct CorrectionRecord {
    row: u32,
    span: Option<(u32, u32)>,
    says: JudgementRecord,
    said: Option<JudgementRecord>,
    /// Of the words that were read, in hexadecimal.
    text: String,
}

/// An answer with its labels as codes.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum JudgementRecord {
    Polarity(String),
    Topics(Vec<String>),
    Intents(Vec<String>),
    Spam,
}

impl From<&Judgement> for JudgementRecord {
    fn from(judgement: &Judgement) -> Self {
        match judgement {
            Judgement::Polarity(polarity) => Self::Polarity(polarity.to_string()),
            Judgement::Topics(topics) => {
                Self::Topics(topics.iter().map(ToString::to_string).collect())
            }
            Judgement::Intents(intents) => {
                Self::Intents(intents.iter().map(ToString::to_string).collect())
            }
            Judgement::Spam => Self::Spam,
        }
    }
}

impl TryFrom<JudgementRecord> for Judgement {
    type Error = Error;

    fn try_from(record: JudgementRecord) -> Result<Self, Error> {
        fn labels<T: std::str::FromStr<Err = UnknownCode>>(
            codes: &[String],
        ) -> Result<Vec<T>, Error> {
            let read = codes.iter().map(|code| code.parse());
            read.collect::<Result<_, _>>().map_err(|error| Error::damaged("edit", error))
        }
        Ok(match record {
            JudgementRecord::Polarity(code) => {
                Self::Polarity(code.parse().map_err(|error| Error::damaged("edit", error))?)
            }
            JudgementRecord::Topics(codes) => Self::topics(labels(&codes)?),
            JudgementRecord::Intents(codes) => Self::intents(labels(&codes)?),
            JudgementRecord::Spam => Self::Spam,
        })
    }
}

impl From<&Portrait> for PortraitRecord {
    fn from(portrait: &Portrait) -> Self {
        let place = |&(row, unit): &(RowId, u32)| (row.0, unit);
        Self {
            topic: portrait.topic.to_string(),
            polarity: portrait.polarity.to_string(),
            terms: portrait.terms.clone(),
            representative: place(&portrait.representative),
            examples: portrait.examples.iter().map(place).collect(),
        }
    }
}

impl TryFrom<PortraitRecord> for Portrait {
    type Error = Error;

    fn try_from(record: PortraitRecord) -> Result<Self, Error> {
        let damaged = |error: UnknownCode| Error::damaged("edit", error);
        let place = |(row, unit): (u32, u32)| (RowId(row), unit);
        Ok(Self {
            topic: record.topic.parse().map_err(damaged)?,
            polarity: record.polarity.parse().map_err(damaged)?,
            terms: record.terms,
            representative: place(record.representative),
            examples: record.examples.into_iter().map(place).collect(),
        })
    }
}

impl From<&CorrectedAnswer> for CorrectionRecord {
    fn from(corrected: &CorrectedAnswer) -> Self {
        let Correction { span, judgement } = &corrected.correction;
        Self {
            row: corrected.row.0,
            span: span.map(|span| (span.start, span.end)),
            says: judgement.into(),
            said: corrected.said.as_ref().map(JudgementRecord::from),
            text: corrected.text.to_string(),
        }
    }
}

impl TryFrom<CorrectionRecord> for CorrectedAnswer {
    type Error = Error;

    fn try_from(record: CorrectionRecord) -> Result<Self, Error> {
        let span = record.span.map(|(start, end)| CharSpan { start, end });
        let text = u128::from_str_radix(&record.text, 16)
            .map_err(|error| Error::damaged("edit", format!("`{}`: {error}", record.text)))?;
        Ok(Self {
            row: RowId(record.row),
            correction: Correction { span, judgement: record.says.try_into()? },
            said: record.said.map(Judgement::try_from).transpose()?,
            text: Fingerprint(text.to_be_bytes()),
        })
    }
}

impl From<&Change> for Detail {
    fn from(change: &Change) -> Self {
        let numbers = |ids: &[ThemeId]| ids.iter().map(|id| id.0).collect();
        match change {
            Change::Rename { theme, name, before, by_model } => Self::Rename {
                theme: theme.0,
                name: name.clone(),
                before: before.clone(),
                by_model: *by_model,
            },
            Change::Pin { theme, .. } | Change::Hide { theme, .. } => Self::Mark { theme: theme.0 },
            Change::Merge { into, merged, before } => {
                let merged = merged.iter().map(|had| MergedRecord {
                    theme: had.theme.0,
                    prototypes: had.prototypes.iter().map(|id| id.0).collect(),
                    parts: numbers(&had.parts),
                    fixed_units: had.fixed_units.iter().map(|(row, unit)| (row.0, *unit)).collect(),
                });
                let before = before.as_ref().map(PortraitRecord::from);
                Self::Merge { into: into.0, merged: merged.collect(), before }
            }
            Change::Split { theme, parts, before } => Self::Split {
                theme: theme.0,
                parts: numbers(parts),
                before: before.as_ref().map(PortraitRecord::from),
            },
            Change::Move { to, units } => {
                let units = units.iter().map(|moved| MovedRecord {
                    row: moved.row.0,
                    unit: moved.unit,
                    theme: moved.theme.map(|id| id.0),
                    was_fixed: moved.was_fixed,
                });
                Self::Move { to: to.map(|id| id.0), units: units.collect() }
            }
            Change::Correct { note, corrections } => Self::Correct {
                note: note.clone(),
                corrections: corrections.iter().map(CorrectionRecord::from).collect(),
            },
            Change::Undo { edit } => Self::Undo { edit: *edit },
        }
    }
}

impl Detail {
    fn change(self, kind: &str) -> Result<Change, Error> {
        let ids = |numbers: Vec<u32>| numbers.into_iter().map(ThemeId).collect();
        Ok(match (self, kind) {
            (Self::Rename { theme, name, before, by_model }, "rename") => {
                Change::Rename { theme: ThemeId(theme), name, before, by_model }
            }
            (Self::Mark { theme }, "pin" | "unpin") => {
                Change::Pin { theme: ThemeId(theme), is_pinned: kind == "pin" }
            }
            (Self::Mark { theme }, "hide" | "unhide") => {
                Change::Hide { theme: ThemeId(theme), is_hidden: kind == "hide" }
            }
            (Self::Merge { into, merged, before }, "merge") => {
                let merged = merged.into_iter().map(|had| MergedTheme {
                    theme: ThemeId(had.theme),
                    prototypes: had.prototypes.into_iter().map(PrototypeId).collect(),
                    parts: ids(had.parts),
                    fixed_units: had
                        .fixed_units
                        .into_iter()
                        .map(|(row, unit)| (RowId(row), unit))
                        .collect(),
                });
                let before = before.map(Portrait::try_from).transpose()?;
                Change::Merge { into: ThemeId(into), merged: merged.collect(), before }
            }
            (Self::Split { theme, parts, before }, "split") => {
                let before = before.map(Portrait::try_from).transpose()?;
                Change::Split { theme: ThemeId(theme), parts: ids(parts), before }
            }
            (Self::Move { to, units }, "move") => {
                let units = units.into_iter().map(|moved| MovedUnit {
                    row: RowId(moved.row),
                    unit: moved.unit,
                    theme: moved.theme.map(ThemeId),
                    was_fixed: moved.was_fixed,
                });
                Change::Move { to: to.map(ThemeId), units: units.collect() }
            }
            (Self::Correct { note, corrections }, "correct") => {
                let corrections = corrections.into_iter().map(CorrectedAnswer::try_from);
                Change::Correct { note, corrections: corrections.collect::<Result<_, _>>()? }
            }
            (Self::Undo { edit }, "undo") => Change::Undo { edit },
            (other, _) => {
                return Err(Error::damaged("edit", format!("{other:?} is no `{kind}`")));
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use echolot_core::{Intent, Polarity, Topic};

    use super::*;

    #[test]
    fn every_kind_of_change_reads_back() {
        let theme = ThemeId(4);
        let unit = (RowId(7), 1);
        let merged = MergedTheme {
            theme,
            prototypes: vec![PrototypeId(2)],
            parts: vec![ThemeId(5)],
            fixed_units: vec![unit],
        };
        let moved = MovedUnit { row: unit.0, unit: unit.1, theme: None, was_fixed: true };
        let portrait = Portrait {
            topic: Topic::Delivery,
            polarity: Polarity::Negative,
            terms: vec!["spät".to_owned()],
            representative: unit,
            examples: vec![unit, (RowId(8), 0)],
        };
        let corrected = |span, judgement, said| CorrectedAnswer {
            row: unit.0,
            correction: Correction { span, judgement },
            said,
            text: Fingerprint::of_text("Toll."),
        };
        let changes = [
            Change::Rename { theme, name: Some("Spät".to_owned()), before: None, by_model: true },
            Change::Pin { theme, is_pinned: true },
            Change::Pin { theme, is_pinned: false },
            Change::Hide { theme, is_hidden: true },
            Change::Hide { theme, is_hidden: false },
            Change::Merge { into: ThemeId(9), merged: vec![merged], before: Some(portrait) },
            Change::Split { theme, parts: vec![ThemeId(5)], before: None },
            Change::Move {
                to: None,
                units: vec![moved, MovedUnit { theme: Some(theme), ..moved }],
            },
            Change::Correct {
                note: Some("ironisch".to_owned()),
                corrections: vec![
                    corrected(None, Judgement::Spam, None),
                    corrected(
                        Some(CharSpan::new(3, 9)),
                        Judgement::topics(vec![]),
                        Some(Judgement::topics(vec![Topic::Staff, Topic::Delivery])),
                    ),
                    corrected(None, Judgement::Polarity(Polarity::Positive), None),
                    corrected(None, Judgement::intents(vec![Intent::Churn]), None),
                ],
            },
            Change::Undo { edit: 3 },
        ];
        let kinds: Vec<&str> = changes.iter().map(Change::kind).collect();
        let expected = [
            "rename", "pin", "unpin", "hide", "unhide", "merge", "split", "move", "correct", "undo",
        ];
        assert_eq!(kinds, expected);
        for change in changes {
            let text = serde_json::to_string(&Detail::from(&change)).unwrap();
            let detail: Detail = serde_json::from_str(&text).unwrap();
            assert_eq!(detail.change(change.kind()).unwrap(), change, "{text}");
            let detail: Detail = serde_json::from_str(&text).unwrap();
            assert!(detail.change("dance").is_err());
        }
    }
}
