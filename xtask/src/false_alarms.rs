//! Measures how often chance alone raises an alarm, on feedback with shuffled releases and dates.

use std::path::Path;

use anyhow::ensure;
use echolot_core::{Level, wilson};
use echolot_engine::{AlarmQuestion, open_snapshot};

use crate::root;

/// How often releases and dates are dealt out anew.
const SHUFFLES: u64 = 200;

/// Measures and writes `docs/quality/false_alarms.csv`.
pub(crate) fn measure(data: &Path, product: &str) -> anyhow::Result<()> {
    let question = AlarmQuestion {
        product: product.to_owned(),
        shuffles: SHUFFLES,
        level: Level::FIVE_PERCENT,
        minimum: 5,
    };
    let rates = open_snapshot(data)?.alarm_rates(&question)?;
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "product",
        "method",
        "q",
        "shuffles",
        "tables",
        "tests",
        "alarms",
        "tables_with_alarm",
        "share",
        "share_low",
        "share_high",
    ])?;
    for rate in rates {
        let Some(share) = wilson(rate.with_alarm, rate.tables) else { continue };
        println!("{}: {} of {} tables with an alarm", rate.method, rate.with_alarm, rate.tables);
        writer.write_record([
            product.to_owned(),
            rate.method.to_owned(),
            question.level.value().to_string(),
            SHUFFLES.to_string(),
            rate.tables.to_string(),
            rate.tests.to_string(),
            rate.alarms.to_string(),
            rate.with_alarm.to_string(),
            format!("{:.4}", share.value),
            format!("{:.4}", share.low),
            format!("{:.4}", share.high),
        ])?;
        ensure!(
            share.low <= question.level.value(),
            "{} raises false alarms too often",
            rate.method
        );
    }
    fs_err::write(root().join("docs/quality/false_alarms.csv"), writer.into_inner()?)?;
    Ok(())
}
