//! What the command line and the API share of edits: how units and themes are
//! written, how long one waits, and the time.

use std::thread;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use echolot_core::{FeedbackId, Judgement, ThemeId, Timestamp};
use echolot_engine::{Blame, Error};

use crate::filters::{intents, polarity, topics};

/// A unit, written as the id of its feedback item, `#` and its number. Ids may
/// hold `#` themselves, so the last one counts.
pub(crate) fn parse_unit(text: &str) -> Result<(FeedbackId, u32), Error> {
    let read = || {
        let (id, unit) = text.rsplit_once('#')?;
        Some((FeedbackId::new(id), unit.parse().ok()?))
    };
    read().ok_or_else(|| Error::BadValue {
        key: "unit",
        reason: format!("`{text}` is not the id of a feedback item, # and the number of a unit"),
    })
}

/// The theme that units are moved to, by number, or `none`.
pub(crate) fn parse_target(text: &str) -> Result<Option<ThemeId>, Error> {
    if text == "none" {
        return Ok(None);
    }
    text.parse().map(ThemeId).map(Some).map_err(|_| Error::BadValue {
        key: "to",
        reason: format!("`{text}` is neither a theme number nor `none`"),
    })
}

/// What a person says of a text: polarity, topics and intents as far as they
/// are given, and spam.
pub(crate) fn judgements(
    (said_polarity, said_topics, said_intents): (Option<&str>, Option<&str>, Option<&str>),
    is_spam: bool,
) -> Result<Vec<Judgement>, Error> {
    let mut judgements = Vec::new();
    judgements.extend(polarity(said_polarity)?.map(Judgement::Polarity));
    judgements.extend(said_topics.map(topics).transpose()?.map(Judgement::topics));
    judgements.extend(said_intents.map(intents).transpose()?.map(Judgement::intents));
    judgements.extend(is_spam.then_some(Judgement::Spam));
    Ok(judgements)
}

/// How often it is tried to make an edit while somebody else is writing.
const RETRY_EVERY: Duration = Duration::from_millis(50);

/// Makes an edit. While somebody else writes to the data folder (a run that stores
/// what it analysed, or another edit) this waits for them, so long and no longer;
/// `tell` is told once that it does.
pub(crate) fn make_within<T>(
    wait: Duration,
    tell: impl FnOnce(&Error),
    mut make: impl FnMut() -> Result<T, Error>,
) -> Result<T, Error> {
    let begun = Instant::now();
    let mut tell = Some(tell);
    loop {
        match make() {
            Err(error) if error.blame() == Blame::Busy && begun.elapsed() < wait => {
                if let Some(tell) = tell.take() {
                    tell(&error);
                }
                thread::sleep(RETRY_EVERY);
            }
            decided => return decided,
        }
    }
}

/// The time, for the ledger of edits.
pub(crate) fn now() -> Timestamp {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs())
        .ok()
        .and_then(Timestamp::from_seconds)
        .unwrap_or_else(|| unreachable!("the clock shows a year that has four digits"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_hash_parts_id_and_unit() {
        assert_eq!(parse_unit("a#b#3").unwrap(), (FeedbackId::new("a#b"), 3));
        for wrong in ["a", "a#", "a#-1", "a#b"] {
            let message = parse_unit(wrong).unwrap_err().to_string();
            assert!(message.contains(&format!("`{wrong}` is not the id")), "{message}");
        }
        assert_eq!(parse_target("none").unwrap(), None);
        assert_eq!(parse_target("7").unwrap(), Some(ThemeId(7)));
        assert!(parse_target("seven").unwrap_err().to_string().starts_with("to: `seven`"));
    }
}
