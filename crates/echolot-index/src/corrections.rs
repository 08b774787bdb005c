//! What people say against the model: kept beside its answers, and what then holds.
//!
//! The tables that everything is counted from hold what a person says. What the
//! model says of a corrected verbatim is kept whole in `model_answer`, so that
//! undoing a correction, or analysing the item again, starts from it.

use echolot_core::{
    Analysis, CharSpan, Correction, FeedbackId, Fingerprint, Judgement, Opinion, Timestamp,
    corrected,
};
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Deserialize, Serialize};

use crate::columns;
use crate::edit_log::read_corrections_of;
use crate::error::Error;
use crate::records::RowId;
use crate::theme_records::{Change, CorrectedAnswer};
use crate::theme_store::ThemeStore;
use crate::verbatim_table;

/// A verbatim as a correction meets it.
#[derive(Debug, Clone, PartialEq)]
pub struct CorrectableText {
    /// Its row.
    pub row: RowId,
    /// The fingerprint of its words.
    pub text: Fingerprint,
    /// What the model says of it.
    pub model: Analysis,
    /// The spans of its opinion units, by number.
    pub units: Vec<CharSpan>,
}

/// How a correction stands to what the model says today.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// It holds, and the model says what it said then, or what the person says.
    Holds,
    /// It holds, and the model says a third thing by now.
    ModelChanged,
    /// It does not hold: the model has no opinion in that stretch any more.
    UnitGone,
    /// It does not hold: the words were replaced.
    TextChanged,
}

impl Standing {
    /// The word for it, also in answers to other programs.
    pub fn word(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::ModelChanged => "model_changed",
            Self::UnitGone => "unit_gone",
            Self::TextChanged => "text_changed",
        }
    }

    /// Whether a person should look at it again.
    pub fn is_conflict(self) -> bool {
        self != Self::Holds
    }

    /// Whether counts and answers follow the correction.
    pub fn is_in_force(self) -> bool {
        matches!(self, Self::Holds | Self::ModelChanged)
    }
}

/// A correction that was not undone and that no later one replaces.
#[derive(Debug, Clone, PartialEq)]
pub struct StandingCorrection {
    /// The number of its edit.
    pub edit: u64,
    /// Who made it.
    pub author: String,
    /// When it was made.
    pub at: Timestamp,
    /// Why.
    pub note: Option<String>,
    /// The feedback item.
    pub id: FeedbackId,
    /// The number of the unit it is about; none for the verbatim as a whole,
    /// and where there is no such unit any more.
    pub unit: Option<u32>,
    /// What is said, and what the model said then.
    pub answer: CorrectedAnswer,
    /// What the model says now; none of spam, and of a unit that is gone.
    pub model: Option<Judgement>,
    /// How the two stand.
    pub standing: Standing,
}

impl ThemeStore<'_> {
    /// An item as a correction meets it; none when its id is not known.
    pub fn correctable(self, id: &FeedbackId) -> Result<Option<CorrectableText>, Error> {
        let row = verbatim_table::row_of(self.connection, id)?;
        row.map(|row| read_correctable(self.connection, row)).transpose()
    }

    /// Lets the corrections of a row that are not undone take effect, and
    /// those that are undone lose it.
    pub fn restate(self, row: RowId) -> Result<(), Error> {
        restate(self.connection, row)
    }
}

/// Lets corrections take effect again after the model's answer was stored anew.
pub(crate) fn replay(connection: &Connection, row: RowId) -> Result<(), Error> {
    forget_model(connection, row)?;
    restate(connection, row)
}

fn restate(connection: &Connection, row: RowId) -> Result<(), Error> {
    let standing = standing_of(connection, row)?;
    let kept = read_model(connection, row)?;
    if standing.is_empty() && kept.is_none() {
        return Ok(());
    }
    let now = read_correctable(connection, row)?;
    if kept.is_none() {
        put_model(connection, row, &now.model)?;
    }
    let in_force: Vec<Correction> = standing
        .iter()
        .filter(|one| one.standing.is_in_force())
        .map(|one| one.answer.correction.clone())
        .collect();
    let length = verbatim_of(connection, row)?.chars().count();
    write(connection, row, &corrected(&now.model, &in_force, length))?;
    let is_spam = in_force.iter().any(|correction| correction.judgement == Judgement::Spam);
    connection
        .prepare_cached("UPDATE feedback SET is_corrected = ?, is_spam = ? WHERE row = ?")?
        .execute(params![!in_force.is_empty(), is_spam, row.0])?;
    if standing.is_empty() { forget_model(connection, row) } else { Ok(()) }
}

/// All corrections that stand, by edit.
pub(crate) fn read_standing(connection: &Connection) -> Result<Vec<StandingCorrection>, Error> {
    let mut statement = connection.prepare_cached("SELECT DISTINCT row FROM corrected")?;
    let rows: Vec<u32> = statement.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
    let mut standing = Vec::new();
    for row in rows {
        standing.extend(standing_of(connection, RowId(row))?);
    }
    standing.sort_by_key(|one| (one.edit, one.answer.row));
    Ok(standing)
}

/// The corrections of a row that stand, oldest first.
pub(crate) fn standing_of(
    connection: &Connection,
    row: RowId,
) -> Result<Vec<StandingCorrection>, Error> {
    let edits = read_corrections_of(connection, row)?;
    if edits.is_empty() {
        return Ok(Vec::new());
    }
    let now = read_correctable(connection, row)?;
    let id = verbatim_table::id_of(connection, row)?;
    let mut standing: Vec<StandingCorrection> = Vec::new();
    for edit in edits {
        let Change::Correct { note, corrections } = edit.change else { continue };
        for answer in corrections.into_iter().filter(|answer| answer.row == row) {
            standing.retain(|one| !answer.correction.replaces(&one.answer.correction));
            let span = answer.correction.span;
            let model = answer.correction.answer_in(&now.model);
            standing.push(StandingCorrection {
                edit: edit.number,
                author: edit.author.clone(),
                at: edit.at,
                note: note.clone(),
                id: id.clone(),
                unit: span.and_then(|span| unit_at(&now.units, span)),
                standing: judge(&answer, model.as_ref(), now.text),
                model,
                answer,
            });
        }
    }
    Ok(standing)
}

fn judge(answer: &CorrectedAnswer, model: Option<&Judgement>, text: Fingerprint) -> Standing {
    let says = &answer.correction.judgement;
    match model {
        _ if answer.text != text => Standing::TextChanged,
        _ if *says == Judgement::Spam => Standing::Holds,
        None => Standing::UnitGone,
        Some(model) if Some(model) == answer.said.as_ref() || model == says => Standing::Holds,
        Some(_) => Standing::ModelChanged,
    }
}

fn unit_at(units: &[CharSpan], span: CharSpan) -> Option<u32> {
    units.iter().zip(0..).find(|(unit, _)| **unit == span).map(|(_, number)| number)
}

fn read_correctable(connection: &Connection, row: RowId) -> Result<CorrectableText, Error> {
    let model = match read_model(connection, row)? {
        Some(model) => model,
        None => verbatim_table::read_analysis(connection, row)?,
    };
    let units = verbatim_table::read_unit_spans(connection, row)?;
    let text = Fingerprint::of_text(&verbatim_of(connection, row)?);
    Ok(CorrectableText { row, text, model, units })
}

fn verbatim_of(connection: &Connection, row: RowId) -> Result<String, Error> {
    let mut statement = connection.prepare_cached("SELECT verbatim FROM verbatim WHERE row = ?")?;
    Ok(statement.query_row([row.0], |row| row.get(0))?)
}

/// Writes what is said of a row over what was. A stretch that is no unit of the
/// model becomes one without a vector, which stays out of all clustering.
fn write(connection: &Connection, row: RowId, analysis: &Analysis) -> Result<(), Error> {
    connection
        .prepare_cached(
            "UPDATE feedback SET polarity = ?, is_mixed = ?, score = ?, intents = ? WHERE row = ?",
        )?
        .execute(params![
            analysis.polarity.code(),
            analysis.is_mixed(),
            analysis.score,
            columns::join_intents(&analysis.intents),
            row.0,
        ])?;
    connection.prepare_cached("DELETE FROM opinion WHERE row = ?")?.execute([row.0])?;
    let mut units = verbatim_table::read_unit_spans(connection, row)?;
    let mut opinion_units = Vec::with_capacity(analysis.opinions.len());
    for opinion in &analysis.opinions {
        let known = unit_at(&units, opinion.span);
        let unit = known.unwrap_or(units.len() as u32);
        if known.is_none() {
            add_unit(connection, (row, unit), opinion)?;
            units.push(opinion.span);
        }
        opinion_units.push(unit);
    }
    verbatim_table::insert_stated(connection, row, (&analysis.opinions, &opinion_units))
}

fn add_unit(
    connection: &Connection,
    (row, unit): (RowId, u32),
    opinion: &Opinion,
) -> Result<(), Error> {
    let Opinion { span, topic, polarity, .. } = opinion;
    connection
        .prepare_cached(
            "INSERT INTO opinion_unit (row, unit, span_start, span_end, topic, polarity)
             VALUES (?, ?, ?, ?, ?, ?)",
        )?
        .execute(params![row.0, unit, span.start, span.end, topic.code(), polarity.code()])?;
    Ok(())
}

/// What the model says of a row that people have corrected; none of another.
pub(crate) fn read_model(connection: &Connection, row: RowId) -> Result<Option<Analysis>, Error> {
    let mut statement =
        connection.prepare_cached("SELECT answer FROM model_answer WHERE row = ?")?;
    let found: Option<String> = statement.query_row([row.0], |row| row.get(0)).optional()?;
    let record = found.map(|json| serde_json::from_str::<AnswerRecord>(&json)).transpose()?;
    record.map(Analysis::try_from).transpose()
}

fn put_model(connection: &Connection, row: RowId, model: &Analysis) -> Result<(), Error> {
    let answer = serde_json::to_string(&AnswerRecord::from(model))?;
    connection
        .prepare_cached("INSERT INTO model_answer (row, answer) VALUES (?, ?)")?
        .execute(params![row.0, answer])?;
    Ok(())
}

fn forget_model(connection: &Connection, row: RowId) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM model_answer WHERE row = ?")?.execute([row.0])?;
    Ok(())
}

/// An analysis as `model_answer` has it. Single precision passes through JSON
/// unharmed, as it is written with the digits that tell it from its neighbours.
#[derive(Serialize, Deserialize)]
struct AnswerRecord {
    polarity: String,
    score: f32,
    intents: Vec<String>,
    opinions: Vec<OpinionRecord>,
}

#[derive(Serialize, Deserialize)]
struct OpinionRecord {
    start: u32,
    end: u32,
    topic: String,
    polarity: String,
    confidence: f32,
}

impl From<&Analysis> for AnswerRecord {
    fn from(analysis: &Analysis) -> Self {
        let opinions = analysis.opinions.iter().map(|opinion| OpinionRecord {
            start: opinion.span.start,
            end: opinion.span.end,
            topic: opinion.topic.code().to_owned(),
            polarity: opinion.polarity.code().to_owned(),
            confidence: opinion.confidence,
        });
        Self {
            polarity: analysis.polarity.code().to_owned(),
            score: analysis.score,
            intents: analysis.intents.iter().map(|intent| intent.code().to_owned()).collect(),
            opinions: opinions.collect(),
        }
    }
}

impl TryFrom<AnswerRecord> for Analysis {
    type Error = Error;

    fn try_from(record: AnswerRecord) -> Result<Self, Error> {
        let damaged = |error| Error::damaged("model_answer", error);
        let opinions = record.opinions.into_iter().map(|opinion| {
            Ok(Opinion {
                span: CharSpan { start: opinion.start, end: opinion.end },
                topic: opinion.topic.parse().map_err(damaged)?,
                polarity: opinion.polarity.parse().map_err(damaged)?,
                confidence: opinion.confidence,
            })
        });
        let intents = record.intents.iter().map(|code| code.parse());
        Ok(Self {
            polarity: record.polarity.parse().map_err(damaged)?,
            score: record.score,
            intents: intents.collect::<Result<_, _>>().map_err(damaged)?,
            opinions: opinions.collect::<Result<_, Error>>()?,
        })
    }
}
