//! What people found in verbatims that were drawn to audit the model.

use echolot_core::{Fingerprint, Intent, Polarity, Topic};
use rusqlite::{Connection, params};

use crate::columns;
use crate::error::Error;
use crate::records::RowId;
use crate::theme_store::ThemeStore;

/// A person's answers about one verbatim.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditLabel {
    /// The verbatim.
    pub row: RowId,
    /// Who answered.
    pub author: String,
    /// The fingerprint of the words that were read.
    pub text: Fingerprint,
    /// The part of all verbatims it was drawn from.
    pub stratum: String,
    /// How many verbatims of it this one stands for, above 0.
    pub weight: f64,
    /// Which way it points; none where that was not answered.
    pub polarity: Option<Polarity>,
    /// All topics of it.
    pub topics: Option<Vec<Topic>>,
    /// All intents of it.
    pub intents: Option<Vec<Intent>>,
}

impl ThemeStore<'_> {
    /// Stores a person's answers over those that are there.
    pub fn put_audit_label(self, label: &AuditLabel) -> Result<(), Error> {
        let topics = label
            .topics
            .as_ref()
            .map(|topics| topics.iter().map(|topic| topic.code()).collect::<Vec<_>>().join(","));
        self.connection
            .prepare_cached(
                "INSERT INTO audit_label
                     (row, generation, author, text, stratum, weight, polarity, topics, intents)
                 VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
                 ON CONFLICT (row) DO UPDATE SET
                     generation = excluded.generation, author = excluded.author,
                     text = excluded.text, stratum = excluded.stratum, weight = excluded.weight,
                     polarity = excluded.polarity, topics = excluded.topics,
                     intents = excluded.intents",
            )?
            .execute(params![
                label.row.0,
                self.generation.cast_signed(),
                label.author,
                &label.text.0[..],
                label.stratum,
                label.weight,
                label.polarity.map(Polarity::code),
                topics,
                label.intents.as_deref().map(columns::join_intents),
            ])?;
        Ok(())
    }
}

/// All labels, by row.
pub(crate) fn read_audit_labels(connection: &Connection) -> Result<Vec<AuditLabel>, Error> {
    let mut statement = connection.prepare_cached(
        "SELECT row, author, text, stratum, weight, polarity, topics, intents
         FROM audit_label ORDER BY row",
    )?;
    let mut rows = statement.query([])?;
    let mut labels = Vec::new();
    while let Some(row) = rows.next()? {
        let damaged = |error| Error::damaged("audit_label", error);
        let polarity = columns::optional_text(row, 5)?.map(str::parse).transpose();
        let topics = columns::optional_text(row, 6)?.map(|codes| {
            codes.split(',').filter(|code| !code.is_empty()).map(str::parse).collect()
        });
        labels.push(AuditLabel {
            row: columns::row_id(row, 0)?,
            author: row.get(1)?,
            text: columns::fingerprint(row, 2)?,
            stratum: row.get(3)?,
            weight: row.get(4)?,
            polarity: polarity.map_err(damaged)?,
            topics: topics.transpose().map_err(damaged)?,
            intents: columns::optional_text(row, 7)?.map(columns::split_intents).transpose()?,
        });
    }
    Ok(labels)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::{self, analysed, review};

    #[test]
    fn the_last_answers_about_a_verbatim_read_back() {
        let (_temp, folder) = fixtures::folder();
        fixtures::run(&folder, &[analysed(&review(0)), analysed(&review(1))]);
        let label = |row, polarity| AuditLabel {
            row: RowId(row),
            author: "anna".to_owned(),
            text: Fingerprint::of_text("x"),
            stratum: "negative / de".to_owned(),
            weight: 12.5,
            polarity,
            topics: Some(vec![Topic::Delivery, Topic::Staff]),
            intents: Some(vec![]),
        };
        let lock = folder.lock().unwrap();
        let writer = folder.begin_run(&lock).unwrap();
        let store = writer.theme_store();
        store.put_audit_label(&label(1, None)).unwrap();
        let other = AuditLabel { topics: None, intents: None, ..label(0, Some(Polarity::Neutral)) };
        store.put_audit_label(&other).unwrap();
        store.put_audit_label(&label(1, Some(Polarity::Negative))).unwrap();
        writer.commit(&serde_json::json!(null), fixtures::at()).unwrap();
        folder.publish(&lock).unwrap();
        let expected = [other, label(1, Some(Polarity::Negative))];
        assert_eq!(folder.snapshot().unwrap().audit_labels().unwrap(), expected);
    }
}
