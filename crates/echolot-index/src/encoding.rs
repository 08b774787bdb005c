//! The bytes of records: mirrors of the domain types that know how to be stored.

use std::collections::BTreeMap;

use echolot_core::{
    Body, CesAnswer, CesVersion, CharSpan, CsatAnswer, Feedback, FeedbackId, Fingerprint, Language,
    NpsAnswer, Rating, Role, Timestamp, Turn,
};
use serde::{Deserialize, Serialize};

use crate::error::Error;
use crate::records::{StoredReading, UnitReading};

/// A feedback item as it is stored. Every checked type is checked again when
/// it is read, so a damaged record cannot become an impossible value.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct FeedbackRecord {
    id: String,
    body: BodyRecord,
    source: Option<String>,
    channel: Option<String>,
    created_at: Option<i64>,
    product: Option<String>,
    release: Option<String>,
    rating: Option<f64>,
    nps: Option<u8>,
    csat: Option<(u8, u8)>,
    ces: Option<(u8, u8)>,
    respondent: Option<String>,
    language: Option<[u8; 2]>,
    url: Option<String>,
    attributes: BTreeMap<String, String>,
}

#[derive(Debug, Serialize, Deserialize)]
enum BodyRecord {
    Text(String),
    Turns(Vec<TurnRecord>),
}

/// One message of a conversation as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct TurnRecord {
    role: String,
    text: String,
    #[serde(default)]
    at: Option<i64>,
}

impl From<&Turn> for TurnRecord {
    fn from(turn: &Turn) -> Self {
        Self {
            role: turn.role.code().to_owned(),
            text: turn.text.clone(),
            at: turn.at.map(Timestamp::seconds),
        }
    }
}

impl TryFrom<TurnRecord> for Turn {
    type Error = Error;

    fn try_from(record: TurnRecord) -> Result<Self, Error> {
        let role = Role::from_word(&record.role)
            .ok_or_else(|| Error::damaged("turns", format!("`{}` is no role", record.role)))?;
        Ok(Self { role, text: record.text, at: record.at.map(timestamp).transpose()? })
    }
}

impl From<&Feedback> for FeedbackRecord {
    fn from(item: &Feedback) -> Self {
        Self {
            id: item.id.as_str().to_owned(),
            body: match &item.body {
                Body::Text(text) => BodyRecord::Text(text.clone()),
                Body::Turns(turns) => BodyRecord::Turns(turns.iter().map(Into::into).collect()),
            },
            source: item.source.clone(),
            channel: item.channel.clone(),
            created_at: item.created_at.map(Timestamp::seconds),
            product: item.product.clone(),
            release: item.release.clone(),
            rating: item.rating.map(Rating::value),
            nps: item.nps.map(NpsAnswer::value),
            csat: item.csat.map(|answer| (answer.value(), answer.scale())),
            ces: item.ces.map(|answer| (answer.value(), ces_number(answer.version()))),
            respondent: item.respondent.clone(),
            language: item.language.map(language_bytes),
            url: item.url.clone(),
            attributes: item.attributes.clone(),
        }
    }
}

impl TryFrom<FeedbackRecord> for Feedback {
    type Error = Error;

    fn try_from(record: FeedbackRecord) -> Result<Self, Error> {
        Ok(Self {
            id: FeedbackId::new(record.id),
            body: match record.body {
                BodyRecord::Text(text) => Body::Text(text),
                BodyRecord::Turns(turns) => {
                    Body::Turns(turns.into_iter().map(Turn::try_from).collect::<Result<_, _>>()?)
                }
            },
            source: record.source,
            channel: record.channel,
            created_at: record.created_at.map(timestamp).transpose()?,
            product: record.product,
            release: record.release,
            rating: record.rating.map(rating).transpose()?,
            nps: record.nps.map(nps).transpose()?,
            csat: record.csat.map(|(value, scale)| csat(value, scale)).transpose()?,
            ces: record.ces.map(|(value, version)| ces(value, version)).transpose()?,
            respondent: record.respondent,
            language: record.language.map(language).transpose()?,
            url: record.url,
            attributes: record.attributes,
        })
    }
}

/// Raw model output as it is stored.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct ReadingRecord {
    polarity: [f32; 3],
    score: f32,
    intents: Vec<f32>,
    topics: Vec<f32>,
    vector: Vec<i8>,
    units: Vec<UnitRecord>,
}

#[derive(Debug, Serialize, Deserialize)]
struct UnitRecord {
    span: (u32, u32),
    topics: Vec<f32>,
    polarity: [f32; 3],
    vector: Vec<i8>,
}

impl From<&StoredReading> for ReadingRecord {
    fn from(reading: &StoredReading) -> Self {
        let unit = |unit: &UnitReading| UnitRecord {
            span: (unit.span.start, unit.span.end),
            topics: unit.topics.clone(),
            polarity: unit.polarity,
            vector: unit.vector.clone(),
        };
        Self {
            polarity: reading.polarity,
            score: reading.score,
            intents: reading.intents.clone(),
            topics: reading.topics.clone(),
            vector: reading.vector.clone(),
            units: reading.units.iter().map(unit).collect(),
        }
    }
}

impl From<ReadingRecord> for StoredReading {
    fn from(record: ReadingRecord) -> Self {
        let unit = |unit: UnitRecord| UnitReading {
            span: CharSpan { start: unit.span.0, end: unit.span.1 },
            topics: unit.topics,
            polarity: unit.polarity,
            vector: unit.vector,
        };
        Self {
            polarity: record.polarity,
            score: record.score,
            intents: record.intents,
            topics: record.topics,
            vector: record.vector,
            units: record.units.into_iter().map(unit).collect(),
        }
    }
}

/// The number a version of the effort question is stored as.
pub(crate) fn ces_number(version: CesVersion) -> u8 {
    match version {
        CesVersion::V1 => 1,
        CesVersion::V2 => 2,
    }
}

pub(crate) fn language_bytes(language: Language) -> [u8; 2] {
    let code = language.code().as_bytes();
    [code[0], code[1]]
}

pub(crate) fn language(code: [u8; 2]) -> Result<Language, Error> {
    std::str::from_utf8(&code)
        .ok()
        .and_then(Language::from_tag)
        .ok_or_else(|| Error::damaged("language", format!("{code:?} is no language")))
}

pub(crate) fn timestamp(seconds: i64) -> Result<Timestamp, Error> {
    Timestamp::from_seconds(seconds)
        .ok_or_else(|| Error::damaged("time", format!("{seconds} is out of range")))
}

pub(crate) fn rating(value: f64) -> Result<Rating, Error> {
    Rating::new(value).map_err(|error| Error::damaged("rating", error))
}

pub(crate) fn nps(value: u8) -> Result<NpsAnswer, Error> {
    NpsAnswer::new(f64::from(value)).map_err(|error| Error::damaged("nps", error))
}

pub(crate) fn csat(value: u8, scale: u8) -> Result<CsatAnswer, Error> {
    CsatAnswer::new(f64::from(value), scale).map_err(|error| Error::damaged("csat", error))
}

pub(crate) fn ces(value: u8, version: u8) -> Result<CesAnswer, Error> {
    let version = match version {
        1 => CesVersion::V1,
        2 => CesVersion::V2,
        other => return Err(Error::damaged("ces", format!("{other} is no version"))),
    };
    CesAnswer::new(f64::from(value), version).map_err(|error| Error::damaged("ces", error))
}

pub(crate) fn fingerprint(bytes: &[u8]) -> Result<Fingerprint, Error> {
    let bytes = bytes
        .try_into()
        .map_err(|_| Error::damaged("fingerprint", format!("{} bytes", bytes.len())))?;
    Ok(Fingerprint(bytes))
}

/// Signed bytes as `SQLite` keeps them.
pub(crate) fn vector_to_bytes(vector: &[i8]) -> Vec<u8> {
    vector.iter().map(|value| value.cast_unsigned()).collect()
}

/// The vector that [`vector_to_bytes`] wrote.
pub(crate) fn vector_from_bytes(bytes: &[u8]) -> Vec<i8> {
    bytes.iter().map(|byte| byte.cast_signed()).collect()
}

/// Integer sums as little-endian bytes.
pub(crate) fn sums_to_bytes(sums: &[i64]) -> Vec<u8> {
    sums.iter().flat_map(|sum| sum.to_le_bytes()).collect()
}

/// The sums that [`sums_to_bytes`] wrote.
pub(crate) fn sums_from_bytes(bytes: &[u8]) -> Result<Vec<i64>, Error> {
    let (words, rest) = bytes.as_chunks::<8>();
    if rest.is_empty() {
        return Ok(words.iter().map(|word| i64::from_le_bytes(*word)).collect());
    }
    Err(Error::damaged(
        "theme.centroid",
        format!("{} bytes are no whole number of sums", bytes.len()),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures;

    #[test]
    fn feedback_reads_back_as_it_was_written() {
        for item in [fixtures::review(7), fixtures::conversation(8), fixtures::bare("x", "")] {
            let bytes = postcard::to_stdvec(&FeedbackRecord::from(&item)).unwrap();
            let record: FeedbackRecord = postcard::from_bytes(&bytes).unwrap();
            assert_eq!(Feedback::try_from(record).unwrap(), item);
        }
    }

    #[test]
    fn readings_read_back_as_they_were_written() {
        let reading = fixtures::reading(3);
        let bytes = postcard::to_stdvec(&ReadingRecord::from(&reading)).unwrap();
        let record: ReadingRecord = postcard::from_bytes(&bytes).unwrap();
        assert_eq!(StoredReading::from(record), reading);
    }

    #[test]
    fn an_impossible_answer_is_damage() {
        assert_eq!(
            nps(11).unwrap_err().to_string(),
            "`nps` is damaged: nps is 11, but must be a whole number from 0 to 10"
        );
        assert!(ces(3, 9).is_err());
        assert!(language([0xff, b'e']).is_err());
        assert!(sums_from_bytes(&[0; 9]).is_err());
        assert_eq!(sums_from_bytes(&sums_to_bytes(&[-3, i64::MAX])).unwrap(), [-3, i64::MAX]);
    }
}
