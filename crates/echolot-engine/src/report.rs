//! What a run did: counts per input, themes and durations.

use std::fmt;
use std::time::Duration;

use echolot_core::Timestamp;
use echolot_index::InboxMark;
use serde_json::{Value, json};

use crate::progress::Step;
use crate::theming::ThemeCounts;

/// The report of one run. It is kept with the run and is a JSON document from
/// the start.
#[derive(Debug, Clone, Default)]
pub struct RunReport {
    /// The generation that readers see after the run.
    pub generation: u64,
    /// One entry per input, in the order given.
    pub inputs: Vec<InputCounts>,
    /// How far the inbox was taken; none where nothing was ever delivered.
    pub inbox: Option<InboxMark>,
    /// Items whose date is still to come.
    pub future_dates: FutureDates,
    /// Texts the model could not read; they are stored without analysis.
    pub unanalysed: u64,
    /// Texts the model was shown.
    pub texts_read: u64,
    /// Texts whose reading was known.
    pub texts_reused: u64,
    /// Items that repeat another one (near-duplicates), counted once.
    pub repeated: u64,
    /// Opinions found.
    pub opinions: u64,
    /// What became of the opinions.
    pub themes: ThemeCounts,
    /// How long each step took, in the order of the steps.
    pub durations: Vec<(Step, Duration)>,
}

/// Items whose date is still to come. They are stored, and are not taken for what is
/// recent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct FutureDates {
    /// How many there are.
    pub items: u64,
    /// The first of them.
    pub first: Vec<FutureDate>,
}

/// Where a date stands that is still to come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FutureDate {
    /// The input as given.
    pub input: String,
    /// The line, row or place in it, from 1.
    pub line: u64,
    /// The date.
    pub created_at: Timestamp,
}

/// So many of them are named.
const FUTURE_DATES_NAMED: usize = 10;

impl FutureDates {
    /// Counts one, and keeps where it is unless many are known.
    pub(crate) fn add(&mut self, date: FutureDate) {
        self.items += 1;
        if self.first.len() < FUTURE_DATES_NAMED {
            self.first.push(date);
        }
    }

    fn to_json(&self) -> Value {
        let first = self.first.iter().map(|FutureDate { input, line, created_at }| {
            json!({ "input": input, "line": line, "created_at": created_at.to_string() })
        });
        json!({ "items": self.items, "first": first.collect::<Vec<_>>() })
    }
}

/// What became of the rows of one input.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct InputCounts {
    /// The input as given.
    pub name: String,
    /// Rows it holds.
    pub rows: u64,
    /// Rows that were new and are stored.
    pub new: u64,
    /// Rows whose id was known and whose content had changed; stored.
    pub changed: u64,
    /// Rows that were known already, unchanged.
    pub known: u64,
    /// Rows that were refused.
    pub rejected: u64,
}

impl RunReport {
    /// The sums over all inputs.
    pub fn totals(&self) -> InputCounts {
        self.inputs.iter().fold(InputCounts::default(), |sum, input| InputCounts {
            name: String::new(),
            rows: sum.rows + input.rows,
            new: sum.new + input.new,
            changed: sum.changed + input.changed,
            known: sum.known + input.known,
            rejected: sum.rejected + input.rejected,
        })
    }

    /// Time from the first step to the last.
    pub fn duration(&self) -> Duration {
        self.durations.iter().map(|(_, duration)| *duration).sum()
    }

    /// The report as a JSON document; durations are in seconds.
    pub fn to_json(&self) -> Value {
        let counts = |input: &InputCounts| {
            json!({
                "rows": input.rows,
                "new": input.new,
                "changed": input.changed,
                "known": input.known,
                "rejected": input.rejected,
            })
        };
        let inputs = self.inputs.iter().map(|input| {
            let mut value = counts(input);
            value["input"] = json!(input.name);
            value
        });
        let durations = self.durations.iter().map(|(step, duration)| {
            (step.name().to_owned(), json!((duration.as_secs_f64() * 1000.0).round() / 1000.0))
        });
        let inbox = self
            .inbox
            .as_ref()
            .map(|mark| json!({ "identity": mark.identity.to_string(), "through": mark.through }));
        let mut report = json!({
            "generation": self.generation,
            "totals": counts(&self.totals()),
            "inputs": inputs.collect::<Vec<_>>(),
            "texts_read": self.texts_read,
            "texts_reused": self.texts_reused,
            "unanalysed": self.unanalysed,
            "repeated": self.repeated,
            "opinions": self.opinions,
            "themes": self.themes.to_json(),
            "durations_s": durations.collect::<serde_json::Map<_, _>>(),
        });
        if let Some(inbox) = inbox {
            report["inbox"] = inbox;
        }
        if self.future_dates.items > 0 {
            report["future_dates"] = self.future_dates.to_json();
        }
        report
    }
}

impl fmt::Display for RunReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let totals = self.totals();
        writeln!(f, "Run {} done in {:.1} s", self.generation, self.duration().as_secs_f64())?;
        writeln!(
            f,
            "  rows      {:>8} in = {} new + {} changed + {} known + {} rejected",
            totals.rows, totals.new, totals.changed, totals.known, totals.rejected
        )?;
        writeln!(
            f,
            "  texts     {:>8} read, {} reused, {} could not be read, {} repeat another",
            self.texts_read, self.texts_reused, self.unanalysed, self.repeated
        )?;
        writeln!(
            f,
            "  opinions  {:>8} found; of the units they stand in, {} put to themes, {} fit none",
            self.opinions, self.themes.assigned, self.themes.unassigned
        )?;
        write!(
            f,
            "  themes    {:>8} born, {} grown",
            self.themes.born.len(),
            self.themes.grown.len()
        )?;
        if self.themes.is_rediscovered && !self.themes.ended.is_empty() {
            write!(f, ", {} ended", self.themes.ended.len())?;
        }
        if let Some(certificate) = &self.themes.certificate {
            write!(f, "\n  stability {certificate}")?;
        }
        for (step, duration) in &self.durations {
            write!(f, "\n  {step:<9} {:>8.1} s", duration.as_secs_f64())?;
        }
        Ok(())
    }
}
