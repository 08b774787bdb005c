//! The reception: feedback that is delivered piece by piece, checked and kept for the next run.

use std::io::Cursor;
use std::path::Path;

use echolot_core::{Feedback, Fingerprint, Timestamp};
use echolot_index::{DataFolder, DeliveredRow, Delivery, Inbox, Taken};

use crate::ingest::{
    BodyForm, Delivered, Namesakes, SourceOptions, content_fingerprint, read_body,
};
use crate::masking::Masker;
use crate::{Config, Error};

/// The name that deliveries have among the inputs of a run, and by which
/// `[[input.source]]` says how they are read.
pub(crate) const INBOX: &str = "inbox";

/// Takes feedback in: the checks are those of files, and what identifies a
/// person is masked before anything is written.
pub struct Reception {
    inbox: Inbox,
    masker: Masker,
    options: SourceOptions,
}

/// Who delivers, and what may be delivered.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sender {
    /// The id of the key, or nothing.
    pub key: String,
    /// By what the sender will know the delivery again.
    pub idempotency_key: Option<String>,
    /// The products that feedback may be about; none means all.
    pub products: Vec<String>,
}

/// What became of a delivery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    /// What became of each row, in the order of the body.
    pub rows: Vec<DeliveredRow>,
    /// Whether the answer is that of an earlier delivery with the same key.
    pub is_repeated: bool,
}

impl Reception {
    /// Opens the inbox of the data folder at `path`.
    ///
    /// # Errors
    /// When there is no data folder; when a redaction pattern cannot be used.
    pub fn open(path: &Path, config: &Config) -> Result<Self, Error> {
        Ok(Self {
            inbox: DataFolder::open(path)?.inbox()?,
            masker: Masker::new(config)?,
            options: config.input.options_for(Path::new(INBOX)).clone(),
        })
    }

    /// Checks every row and keeps those that pass. When this returns, they are
    /// on disk, and the next run takes them.
    ///
    /// # Errors
    /// [`Error::OtherBody`] when the sender used the key for another body; when
    /// the body breaks off. Nothing is kept then.
    pub fn receive(
        &self,
        (body, form): (Vec<u8>, BodyForm),
        sender: Sender,
        at: Timestamp,
    ) -> Result<Received, Error> {
        let mut delivery = Delivery {
            sender: sender.key,
            idempotency_key: sender.idempotency_key,
            body: Fingerprint::of([form.name().as_bytes(), &body]),
            received_at: at,
            items: vec![],
            rows: vec![],
        };
        let mut namesakes = Namesakes::default();
        for (row, delivered) in (1..).zip(read_body(Cursor::new(body), form, &self.options)?) {
            let checked = match delivered? {
                Delivered::Item(item, _) => may_send(*item, &sender.products),
                Delivered::Rejected(rejection) => Err(rejection.reason),
            };
            let outcome = checked.map(|mut item| {
                let content = content_fingerprint(&item);
                namesakes.tell_apart(&mut item, content);
                let item = self.masker.redact(item);
                let id = item.id.clone();
                delivery.items.push((item, content));
                id
            });
            delivery.rows.push(DeliveredRow { row, outcome });
        }
        match self.inbox.deliver(&delivery)? {
            Taken::Now => Ok(Received { rows: delivery.rows, is_repeated: false }),
            Taken::Before(rows) => Ok(Received { rows, is_repeated: true }),
            Taken::OtherBody => Err(Error::OtherBody),
        }
    }

    /// How many items wait for the next run.
    pub fn num_waiting(&self) -> Result<u64, Error> {
        Ok(self.inbox.num_waiting()?)
    }
}

/// The item, unless the sender may not deliver feedback on its product.
fn may_send(item: Feedback, products: &[String]) -> Result<Feedback, String> {
    let is_own = item.product.as_ref().is_some_and(|product| products.contains(product));
    if products.is_empty() || is_own {
        return Ok(item);
    }
    let given = item.product.as_deref().unwrap_or("none");
    Err(format!("product: `{given}` is not one this key delivers for: {}", products.join(", ")))
}
