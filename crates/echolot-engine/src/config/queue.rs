//! The configuration of the complaint queue.

use echolot_core::SeverityWeights;
use serde::Deserialize;

use super::{ConfigError, require};
use crate::ask::QueueConfig;

#[derive(Deserialize, Default)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RawQueue {
    polarity: f64,
    churn: f64,
    answers: f64,
    repeat: f64,
    waiting: f64,
    full_wait_hours: f64,
    worst_rating: f64,
    best_rating: f64,
    repeat_days: u32,
    reopen_days: u32,
}

impl RawQueue {
    pub(super) fn check(self) -> Result<QueueConfig, ConfigError> {
        let weights = [
            ("queue.polarity", self.polarity),
            ("queue.churn", self.churn),
            ("queue.answers", self.answers),
            ("queue.repeat", self.repeat),
            ("queue.waiting", self.waiting),
        ];
        for (key, weight) in weights {
            require(weight.is_finite() && weight >= 0.0, key, "must not be less than 0")?;
        }
        let hours = self.full_wait_hours;
        require(hours.is_finite() && hours > 0.0, "queue.full_wait_hours", "must be above 0")?;
        require(
            self.worst_rating < self.best_rating,
            "queue.worst_rating",
            "must be below queue.best_rating",
        )?;
        Ok(QueueConfig {
            weights: SeverityWeights {
                polarity: self.polarity,
                churn: self.churn,
                answers: self.answers,
                repeat: self.repeat,
                waiting: self.waiting,
                full_wait_s: hours * 3600.0,
            },
            rating_range: (self.worst_rating, self.best_rating),
            repeat_days: self.repeat_days,
            reopen_days: self.reopen_days,
        })
    }
}
