//! Feedback items, their words and their opinions as rows of the database.

use std::collections::BTreeMap;

use echolot_core::{
    Analysis, Body, CesAnswer, CharSpan, CsatAnswer, Feedback, FeedbackId, Language, NpsAnswer,
    Opinion, Rating, ThemeId, Timestamp, Turn,
};
use rusqlite::{Connection, OptionalExtension, Row, named_params, params};

use crate::columns;
use crate::duplicates::bands_to_bytes;
use crate::encoding::{self, TurnRecord, ces_number, vector_to_bytes};
use crate::error::Error;
use crate::records::{AnalysedFeedback, RowId, ThemedUnit, Verbatim};
use crate::wording;

/// Where and when an item is stored, and the row it repeats.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Place {
    pub(crate) row: RowId,
    pub(crate) generation: u64,
    pub(crate) canonical: Option<RowId>,
}

const PUT_FEEDBACK: &str = "
    INSERT INTO feedback (
        row, id, generation, canonical_row, language, source, channel, product, release,
        respondent, created_at, rating, nps, csat, csat_scale, ces, ces_version,
        first_response_s, resolution_s, is_analysed, polarity, is_mixed, score, intents,
        content, reading_key, duplicate_key
    ) VALUES (
        :row, :id, :generation, :canonical_row, :language, :source, :channel, :product, :release,
        :respondent, :created_at, :rating, :nps, :csat, :csat_scale, :ces, :ces_version,
        :first_response_s, :resolution_s, :is_analysed, :polarity, :is_mixed, :score, :intents,
        :content, :reading_key, :duplicate_key
    ) ON CONFLICT (row) DO UPDATE SET
        id = excluded.id, generation = excluded.generation,
        canonical_row = excluded.canonical_row, language = excluded.language,
        source = excluded.source, channel = excluded.channel, product = excluded.product,
        release = excluded.release, respondent = excluded.respondent,
        created_at = excluded.created_at, rating = excluded.rating, nps = excluded.nps,
        csat = excluded.csat, csat_scale = excluded.csat_scale, ces = excluded.ces,
        ces_version = excluded.ces_version, first_response_s = excluded.first_response_s,
        resolution_s = excluded.resolution_s, is_analysed = excluded.is_analysed,
        polarity = excluded.polarity, is_mixed = excluded.is_mixed, score = excluded.score,
        intents = excluded.intents, content = excluded.content,
        reading_key = excluded.reading_key, duplicate_key = excluded.duplicate_key";

const PUT_VERBATIM: &str = "
    INSERT INTO verbatim (row, verbatim, clean, turns, stated_language, url, attributes, bands)
    VALUES (:row, :verbatim, :clean, :turns, :stated_language, :url, :attributes, :bands)
    ON CONFLICT (row) DO UPDATE SET
        verbatim = excluded.verbatim, clean = excluded.clean, turns = excluded.turns,
        stated_language = excluded.stated_language, url = excluded.url,
        attributes = excluded.attributes, bands = excluded.bands";

/// Stores an item and its words in its row, over whatever stood there.
pub(crate) fn put(
    connection: &Connection,
    place: Place,
    item: &AnalysedFeedback,
) -> Result<(), Error> {
    let Feedback { csat, ces, .. } = item.feedback;
    connection.prepare_cached(PUT_FEEDBACK)?.execute(named_params! {
        ":row": place.row.0,
        ":id": item.feedback.id.as_str(),
        ":generation": place.generation.cast_signed(),
        ":canonical_row": place.canonical.map(|row| row.0),
        ":language": item.language.code(),
        ":source": item.feedback.source,
        ":channel": item.feedback.channel,
        ":product": item.feedback.product,
        ":release": item.feedback.release,
        ":respondent": item.feedback.respondent,
        ":created_at": item.feedback.created_at.map(Timestamp::seconds),
        ":rating": item.feedback.rating.map(Rating::value),
        ":nps": item.feedback.nps.map(NpsAnswer::value),
        ":csat": csat.map(CsatAnswer::value),
        ":csat_scale": csat.map(CsatAnswer::scale),
        ":ces": ces.map(CesAnswer::value),
        ":ces_version": ces.map(|answer| ces_number(answer.version())),
        ":first_response_s": item.first_response_s,
        ":resolution_s": item.resolution_s,
        ":is_analysed": item.is_analysed,
        ":polarity": item.analysis.polarity.code(),
        ":is_mixed": item.analysis.is_mixed(),
        ":score": item.analysis.score,
        ":intents": columns::join_intents(&item.analysis.intents),
        ":content": &item.content.0[..],
        ":reading_key": &item.reading_key.0[..],
        ":duplicate_key": &item.duplicate_key.0[..],
    })?;
    let turns: Vec<TurnRecord> = item.feedback.body.turns().iter().map(Into::into).collect();
    let turns = match item.feedback.body {
        Body::Text(_) => None,
        Body::Turns(_) => Some(serde_json::to_string(&turns)?),
    };
    connection.prepare_cached(PUT_VERBATIM)?.execute(named_params! {
        ":row": place.row.0,
        ":verbatim": item.verbatim,
        ":clean": item.clean,
        ":turns": turns,
        ":stated_language": item.feedback.language.as_ref().map(Language::code),
        ":url": item.feedback.url,
        ":attributes": serde_json::to_string(&item.feedback.attributes)?,
        ":bands": bands_to_bytes(&item.bands),
    })?;
    Ok(())
}

/// Stores the units and opinions of an item that has none stored.
pub(crate) fn insert_opinions(
    connection: &Connection,
    row: RowId,
    item: &AnalysedFeedback,
) -> Result<(), Error> {
    let mut insert_unit = connection.prepare_cached(
        "INSERT INTO opinion_unit (row, unit, span_start, span_end, topic, polarity)
         VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    let mut insert_vector = connection
        .prepare_cached("INSERT INTO unit_vector (row, unit, vector, words) VALUES (?, ?, ?, ?)")?;
    for (unit, number) in item.units.iter().zip(0_u32..) {
        let (topic, polarity) = (unit.topic.code(), unit.polarity.code());
        insert_unit.execute(params![
            row.0,
            number,
            unit.span.start,
            unit.span.end,
            topic,
            polarity
        ])?;
        let words = wording::mark(unit.span.of(&item.verbatim));
        insert_vector.execute(params![row.0, number, vector_to_bytes(&unit.vector), words])?;
    }
    insert_stated(connection, row, (&item.analysis.opinions, &item.opinion_units))
}

/// Stores opinions of a row that has none stored, with the unit of each.
pub(crate) fn insert_stated(
    connection: &Connection,
    row: RowId,
    (opinions, units): (&[Opinion], &[u32]),
) -> Result<(), Error> {
    let mut insert_opinion = connection.prepare_cached(
        "INSERT INTO opinion (row, opinion, unit, span_start, span_end, topic, polarity, confidence)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    debug_assert_eq!(opinions.len(), units.len());
    for ((opinion, unit), number) in opinions.iter().zip(units).zip(0_u32..) {
        insert_opinion.execute(params![
            row.0,
            number,
            unit,
            opinion.span.start,
            opinion.span.end,
            opinion.topic.code(),
            opinion.polarity.code(),
            opinion.confidence,
        ])?;
    }
    Ok(())
}

/// Removes the units and opinions of a row.
pub(crate) fn remove_opinions(connection: &Connection, row: RowId) -> Result<(), Error> {
    connection.prepare_cached("DELETE FROM opinion WHERE row = ?")?.execute([row.0])?;
    connection.prepare_cached("DELETE FROM opinion_unit WHERE row = ?")?.execute([row.0])?;
    Ok(())
}

/// Columns are read by their place, as looking each up by its name costs more
/// than reading it.
const READ: &str = "
    SELECT coalesce(canonical_row, row), language, polarity, score, intents, first_response_s,
        resolution_s, is_analysed, content, generation, verbatim, turns, id, source, channel,
        created_at, product, release, rating, nps, csat, csat_scale, ces, ces_version, respondent,
        stated_language, url, attributes, is_corrected, is_spam
    FROM feedback JOIN verbatim USING (row) WHERE row = ?";

/// Everything stored about a row; none when there is no such row.
pub(crate) fn read(connection: &Connection, row: RowId) -> Result<Option<Verbatim>, Error> {
    let mut statement = connection.prepare_cached(READ)?;
    let mut rows = statement.query([row.0])?;
    let Some(found) = rows.next()? else { return Ok(None) };
    let (opinions, opinion_units) = read_opinions(connection, row)?;
    Ok(Some(Verbatim {
        row,
        canonical: columns::row_id(found, 0)?,
        language: columns::language(found, 1)?,
        analysis: Analysis {
            polarity: columns::label(found, 2)?,
            score: found.get(3)?,
            intents: columns::split_intents(columns::text(found, 4)?)?,
            opinions,
        },
        units: read_units(connection, row)?,
        opinion_units,
        first_response_s: found.get(5)?,
        resolution_s: found.get(6)?,
        is_analysed: found.get(7)?,
        content: columns::fingerprint(found, 8)?,
        generation: found.get::<_, i64>(9)?.cast_unsigned(),
        is_corrected: found.get(28)?,
        is_spam: found.get(29)?,
        verbatim: found.get(10)?,
        feedback: read_feedback(found)?,
    }))
}

/// The row of an item.
pub(crate) fn row_of(connection: &Connection, id: &FeedbackId) -> Result<Option<RowId>, Error> {
    let mut statement = connection.prepare_cached("SELECT row FROM feedback WHERE id = ?")?;
    let row = statement.query_row([id.as_str()], |row| row.get(0)).optional()?;
    Ok(row.map(RowId))
}

/// The id of the item in a row.
pub(crate) fn id_of(connection: &Connection, row: RowId) -> Result<FeedbackId, Error> {
    let mut statement = connection.prepare_cached("SELECT id FROM feedback WHERE row = ?")?;
    Ok(FeedbackId::new(statement.query_row([row.0], |row| row.get::<_, String>(0))?))
}

/// What is stated of a row.
pub(crate) fn read_analysis(connection: &Connection, row: RowId) -> Result<Analysis, Error> {
    let mut statement =
        connection.prepare_cached("SELECT polarity, score, intents FROM feedback WHERE row = ?")?;
    let mut rows = statement.query([row.0])?;
    let found = rows.next()?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    Ok(Analysis {
        polarity: columns::label(found, 0)?,
        score: found.get(1)?,
        intents: columns::split_intents(columns::text(found, 2)?)?,
        opinions: read_opinions(connection, row)?.0,
    })
}

/// Where the units of a row stand, by number.
pub(crate) fn read_unit_spans(connection: &Connection, row: RowId) -> Result<Vec<CharSpan>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT span_start, span_end FROM opinion_unit WHERE row = ? ORDER BY unit",
    )?;
    let span = |row: &Row<'_>| Ok(CharSpan { start: row.get(0)?, end: row.get(1)? });
    Ok(statement.query_map([row.0], span)?.collect::<Result<_, _>>()?)
}

fn read_feedback(row: &Row<'_>) -> Result<Feedback, Error> {
    let body = match columns::optional_text(row, 11)? {
        None => Body::Text(row.get(10)?),
        Some(json) => {
            let turns: Vec<TurnRecord> = serde_json::from_str(json)?;
            Body::Turns(turns.into_iter().map(Turn::try_from).collect::<Result<_, _>>()?)
        }
    };
    let attributes: BTreeMap<String, String> = serde_json::from_str(columns::text(row, 27)?)?;
    Ok(Feedback {
        id: FeedbackId::new(columns::text(row, 12)?),
        body,
        source: row.get(13)?,
        channel: row.get(14)?,
        created_at: columns::timestamp(row, 15)?,
        product: row.get(16)?,
        release: row.get(17)?,
        rating: row.get::<_, Option<f64>>(18)?.map(encoding::rating).transpose()?,
        nps: row.get::<_, Option<u8>>(19)?.map(encoding::nps).transpose()?,
        csat: read_csat(row, 20, 21)?,
        ces: read_ces(row, 22, 23)?,
        respondent: row.get(24)?,
        language: columns::optional_text(row, 25)?.and_then(Language::from_tag),
        url: row.get(26)?,
        attributes,
    })
}

/// Reads a satisfaction answer from its two columns.
pub(crate) fn read_csat(
    row: &Row<'_>,
    value: impl rusqlite::RowIndex,
    scale: impl rusqlite::RowIndex,
) -> Result<Option<CsatAnswer>, Error> {
    let answer: Option<u8> = row.get(value)?;
    answer.zip(row.get(scale)?).map(|(value, scale)| encoding::csat(value, scale)).transpose()
}

/// Reads an effort answer from its two columns.
pub(crate) fn read_ces(
    row: &Row<'_>,
    value: impl rusqlite::RowIndex,
    version: impl rusqlite::RowIndex,
) -> Result<Option<CesAnswer>, Error> {
    let answer: Option<u8> = row.get(value)?;
    answer.zip(row.get(version)?).map(|(value, version)| encoding::ces(value, version)).transpose()
}

fn read_units(connection: &Connection, row: RowId) -> Result<Vec<ThemedUnit>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT span_start, span_end, u.polarity, u.topic, coalesce(t.parent, u.theme),
             CASE WHEN t.parent IS NULL THEN NULL ELSE u.theme END,
             similarity, confidence, is_fixed
         FROM opinion_unit u LEFT JOIN theme t USING (theme) WHERE row = ? ORDER BY unit",
    )?;
    let mut rows = statement.query([row.0])?;
    let mut units = Vec::new();
    while let Some(unit) = rows.next()? {
        units.push(ThemedUnit {
            span: CharSpan { start: unit.get(0)?, end: unit.get(1)? },
            polarity: columns::label(unit, 2)?,
            topic: columns::label(unit, 3)?,
            theme: unit.get::<_, Option<u32>>(4)?.map(ThemeId),
            part: unit.get::<_, Option<u32>>(5)?.map(ThemeId),
            similarity: unit.get(6)?,
            confidence: unit.get(7)?,
            is_fixed: unit.get(8)?,
        });
    }
    Ok(units)
}

fn read_opinions(connection: &Connection, row: RowId) -> Result<(Vec<Opinion>, Vec<u32>), Error> {
    let mut statement = connection.prepare_cached(
        "SELECT span_start, span_end, polarity, topic, confidence, unit
         FROM opinion WHERE row = ? ORDER BY opinion",
    )?;
    let mut rows = statement.query([row.0])?;
    let (mut opinions, mut units) = (Vec::new(), Vec::new());
    while let Some(opinion) = rows.next()? {
        opinions.push(Opinion {
            span: CharSpan { start: opinion.get(0)?, end: opinion.get(1)? },
            polarity: columns::label(opinion, 2)?,
            topic: columns::label(opinion, 3)?,
            confidence: opinion.get(4)?,
        });
        units.push(opinion.get(5)?);
    }
    Ok((opinions, units))
}
