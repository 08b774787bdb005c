//! Everything feedback is counted by, in columns.

use std::collections::HashMap;
use std::sync::MutexGuard;
use std::{panic, thread};

use echolot_core::{
    CesAnswer, CharSpan, CsatAnswer, Intent, Journey, NpsAnswer, Polarity, Rating, ThemeId,
    Timestamp, Topic,
};
use rusqlite::{Connection, Row};

use crate::attributes::Attributes;
use crate::columns;
use crate::encoding;
use crate::error::Error;
use crate::kinship::Kinship;
use crate::own_topics::OwnTopics;
use crate::records::RowId;
use crate::verbatim_table::{read_ces, read_csat};

/// A column of words, each stored once. Codes are given in the order of first
/// appearance, so they are the same for the same rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Words {
    codes: Vec<u32>,
    words: Vec<String>,
}

impl Words {
    const NONE: u32 = u32::MAX;

    /// The word of a row.
    pub fn get(&self, row: RowId) -> Option<&str> {
        self.code(row).map(|code| self.word(code))
    }

    /// The code of the word of a row, below the length of [`Words::all`].
    pub fn code(&self, row: RowId) -> Option<u32> {
        Some(self.codes[row.index()]).filter(|code| *code != Self::NONE)
    }

    /// The word of a code.
    pub fn word(&self, code: u32) -> &str {
        &self.words[code as usize]
    }

    /// All words that occur, by code.
    pub fn all(&self) -> &[String] {
        &self.words
    }
}

/// Builds a column of words.
#[derive(Debug, Default)]
pub(crate) struct WordsBuilder {
    words: Words,
    codes: HashMap<String, u32>,
}

impl WordsBuilder {
    pub(crate) fn push(&mut self, word: Option<&str>) {
        let code = match word {
            None => Words::NONE,
            // Neighbouring rows mostly share their product, release and so on.
            Some(word) => match self.words.codes.last() {
                Some(last) if *last != Words::NONE && self.words.word(*last) == word => *last,
                _ => self.code_of(word),
            },
        };
        self.words.codes.push(code);
    }

    pub(crate) fn finish(self) -> Words {
        self.words
    }

    fn code_of(&mut self, word: &str) -> u32 {
        if let Some(code) = self.codes.get(word) {
            return *code;
        }
        let code = self.words.words.len() as u32;
        self.words.words.push(word.to_owned());
        self.codes.insert(word.to_owned(), code);
        code
    }
}

/// A set of intents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct IntentSet(u8);

impl IntentSet {
    /// The set of these intents.
    pub fn of(intents: &[Intent]) -> Self {
        Self(intents.iter().fold(0, |bits, intent| bits | 1 << *intent as u8))
    }

    /// Whether the intent is in the set.
    pub fn contains(self, intent: Intent) -> bool {
        self.0 & 1 << intent as u8 != 0
    }

    /// Whether the two sets share an intent.
    pub fn intersects(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// The intents in the order of [`Intent::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Intent> {
        Intent::ALL.iter().copied().filter(move |intent| self.contains(*intent))
    }
}

/// One opinion as it is counted.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct OpinionFact {
    /// Where it stands in the original text.
    pub span: CharSpan,
    /// What it is about.
    pub topic: Topic,
    /// Which way it points.
    pub polarity: Polarity,
    /// The model's probability, 0..=1.
    pub confidence: f32,
    /// The theme of the unit it lies in.
    pub theme: Option<ThemeId>,
    /// The sub-theme of the unit it lies in.
    pub part: Option<ThemeId>,
}

/// What is counted about every verbatim of a snapshot. Every column has one
/// entry per verbatim, at the position of its [`RowId`].
#[derive(Debug, Default)]
pub struct Facts {
    /// The language of the text, `xx` when unknown; present in every row.
    pub language: Words,
    /// The system the item came from.
    pub source: Words,
    /// The kind of contact.
    pub channel: Words,
    /// The product it is about.
    pub product: Words,
    /// The release it refers to.
    pub release: Words,
    /// The pseudonymous id of the customer.
    pub respondent: Words,
    /// When it was written.
    pub created_at: Vec<Option<Timestamp>>,
    /// The star or grade rating.
    pub rating: Vec<Option<Rating>>,
    /// The answer to the recommendation question.
    pub nps: Vec<Option<NpsAnswer>>,
    /// The answer to the satisfaction question.
    pub csat: Vec<Option<CsatAnswer>>,
    /// The answer to the effort question.
    pub ces: Vec<Option<CesAnswer>>,
    /// The polarity of the whole.
    pub polarity: Vec<Polarity>,
    /// Graded sentiment, -1..=1.
    pub score: Vec<f32>,
    /// Whether it holds positive and negative opinions.
    pub is_mixed: Vec<bool>,
    /// What the writer wants.
    pub intents: Vec<IntentSet>,
    /// The row it repeats; itself when it repeats none.
    pub canonical: Vec<RowId>,
    /// Seconds to the first human reply.
    pub first_response_s: Vec<Option<i64>>,
    /// Seconds to the resolution.
    pub resolution_s: Vec<Option<i64>>,
    /// Whether a model has read the text.
    pub is_analysed: Vec<bool>,
    /// Whether what is stated is in part what a person says against the model.
    pub is_corrected: Vec<bool>,
    /// Whether a person has hidden it as spam.
    pub is_spam: Vec<bool>,
    /// How the themes are related.
    pub kinship: Kinship,
    /// Where topics belong on the customer's journey.
    pub journey: Journey,
    /// The topics of the company's own.
    pub own: OwnTopics,
    pub(crate) attributes: Attributes,
    pub(crate) opinions: Vec<OpinionFact>,
    /// Where the opinions of each row begin, and the end of the last.
    pub(crate) offsets: Vec<u32>,
    pub(crate) theme_bound: u32,
}

impl Facts {
    /// The number of verbatims.
    pub fn len(&self) -> usize {
        self.polarity.len()
    }

    /// Whether there is no verbatim.
    pub fn is_empty(&self) -> bool {
        self.polarity.is_empty()
    }

    /// All rows, ascending.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = RowId> + use<> {
        (0..self.len() as u32).map(RowId)
    }

    /// The opinions of a row in the order of the text.
    pub fn opinions(&self, row: RowId) -> &[OpinionFact] {
        let (start, end) = (self.offsets[row.index()], self.offsets[row.index() + 1]);
        &self.opinions[start as usize..end as usize]
    }

    /// One more than the highest number of a theme that some opinion is in.
    pub fn theme_bound(&self) -> u32 {
        self.theme_bound
    }

    /// Whether a row repeats another one.
    pub fn is_duplicate(&self, row: RowId) -> bool {
        self.canonical[row.index()] != row
    }

    /// Reads all columns from connections that see the same generation.
    /// Feedback and opinions are about the same work, and are read at once.
    pub(crate) fn load<'c>(
        connect: impl Fn() -> MutexGuard<'c, Connection> + Sync,
    ) -> Result<Self, Error> {
        let kinship = Kinship::load(&connect())?;
        let own = OwnTopics::load(&connect())?;
        thread::scope(|scope| {
            let opinions = scope.spawn(|| load_opinions(&connect(), &kinship));
            let mut facts = Self::default();
            facts.load_feedback(&connect())?;
            let opinions = opinions.join().unwrap_or_else(|panic| panic::resume_unwind(panic));
            (facts.opinions, facts.offsets) = opinions?;
            let themes = facts.opinions.iter().filter_map(|opinion| opinion.theme);
            facts.theme_bound = themes.map(|theme| theme.0 + 1).max().unwrap_or(0);
            facts.offsets.resize(facts.len() + 1, facts.opinions.len() as u32);
            Ok(facts)
        })
        .map(|facts: Self| Self { kinship, own, ..facts })
    }

    fn load_feedback(&mut self, connection: &Connection) -> Result<(), Error> {
        let mut statement = connection.prepare(
            "SELECT row, language, source, channel, product, release, respondent, created_at,
                 rating, nps, csat, csat_scale, ces, ces_version, polarity, score, is_mixed,
                 intents, coalesce(canonical_row, row), first_response_s, resolution_s, is_analysed,
                 is_corrected, is_spam
             FROM feedback ORDER BY row",
        )?;
        let mut words: [WordsBuilder; 6] = Default::default();
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let number: u32 = row.get(0)?;
            if number as usize != self.len() {
                return Err(Error::damaged("feedback", format!("row {} is missing", self.len())));
            }
            for (column, words) in (1..).zip(&mut words) {
                words.push(columns::optional_text(row, column)?);
            }
            self.created_at.push(columns::timestamp(row, 7)?);
            let rating: Option<f64> = row.get(8)?;
            self.rating.push(rating.map(encoding::rating).transpose()?);
            let nps: Option<u8> = row.get(9)?;
            self.nps.push(nps.map(encoding::nps).transpose()?);
            self.csat.push(read_csat(row, 10, 11)?);
            self.ces.push(read_ces(row, 12, 13)?);
            self.polarity.push(columns::label(row, 14)?);
            self.score.push(row.get(15)?);
            self.is_mixed.push(row.get(16)?);
            self.intents.push(IntentSet::of(&columns::split_intents(columns::text(row, 17)?)?));
            self.canonical.push(columns::row_id(row, 18)?);
            self.first_response_s.push(row.get(19)?);
            self.resolution_s.push(row.get(20)?);
            self.is_analysed.push(row.get(21)?);
            self.is_corrected.push(row.get(22)?);
            self.is_spam.push(row.get(23)?);
        }
        let [language, source, channel, product, release, respondent] =
            words.map(|words| words.words);
        (self.language, self.source, self.channel) = (language, source, channel);
        (self.product, self.release, self.respondent) = (product, release, respondent);
        Ok(())
    }
}

/// Reads the opinions of all rows, and for each row up to the last that has
/// any where its opinions begin.
///
/// Opinions and units are both read in the order of rows and put together
/// here: a join in the database looks up every unit anew.
fn load_opinions(
    connection: &Connection,
    kinship: &Kinship,
) -> Result<(Vec<OpinionFact>, Vec<u32>), Error> {
    let themes = load_themes(connection)?;
    let mut statement = connection.prepare(
        "SELECT row, unit, span_start, span_end, topic, polarity, confidence
         FROM opinion ORDER BY row, opinion",
    )?;
    let mut rows = statement.query([])?;
    let (mut opinions, mut offsets) = (Vec::new(), Vec::new());
    let (mut themes, mut themes_of_row) = (&themes[..], &themes[..0]);
    while let Some(found) = rows.next()? {
        let row: u32 = found.get(0)?;
        let unit: u32 = found.get(1)?;
        if offsets.len() <= row as usize {
            offsets.resize(row as usize + 1, opinions.len() as u32);
            let begin = themes.iter().take_while(|(themed, ..)| *themed < row).count();
            themes = &themes[begin..];
            let end = themes.iter().take_while(|(themed, ..)| *themed == row).count();
            (themes_of_row, themes) = themes.split_at(end);
        }
        let theme = themes_of_row.iter().find(|(_, themed, _)| *themed == unit);
        let theme = theme.map(|(.., theme)| *theme);
        opinions.push(OpinionFact {
            span: CharSpan { start: found.get(2)?, end: found.get(3)? },
            topic: columns::label(found, 4)?,
            polarity: columns::label(found, 5)?,
            confidence: found.get(6)?,
            theme: theme.map(|theme| kinship.parent(theme).unwrap_or(theme)),
            part: theme.filter(|theme| kinship.parent(*theme).is_some()),
        });
    }
    Ok((opinions, offsets))
}

/// The units that have a theme: row, unit and theme, in order.
fn load_themes(connection: &Connection) -> Result<Vec<(u32, u32, ThemeId)>, Error> {
    let mut statement = connection.prepare(
        "SELECT row, unit, theme FROM opinion_unit WHERE theme IS NOT NULL ORDER BY row, unit",
    )?;
    let theme = |row: &Row<'_>| Ok((row.get(0)?, row.get(1)?, ThemeId(row.get(2)?)));
    Ok(statement.query_map([], theme)?.collect::<Result<_, _>>()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_coded_in_the_order_of_appearance() {
        let mut builder = WordsBuilder::default();
        for word in [Some("b"), Some("b"), None, Some("a"), Some("b")] {
            builder.push(word);
        }
        let words = builder.words;
        assert_eq!(words.all(), ["b", "a"]);
        let read: Vec<_> = (0..5).map(|row| words.get(RowId(row))).collect();
        assert_eq!(read, [Some("b"), Some("b"), None, Some("a"), Some("b")]);
    }

    #[test]
    fn intents_form_a_set() {
        let set = IntentSet::of(&[Intent::Churn, Intent::Complaint]);
        assert!(set.contains(Intent::Churn) && !set.contains(Intent::Praise));
        assert_eq!(set.iter().collect::<Vec<_>>(), [Intent::Complaint, Intent::Churn]);
        assert!(set.intersects(IntentSet::of(&[Intent::Churn])));
        assert!(!set.intersects(IntentSet::of(&[Intent::Praise])));
    }
}
