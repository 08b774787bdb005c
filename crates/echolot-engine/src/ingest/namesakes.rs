//! Items that nothing tells apart but their place.

use std::collections::HashMap;

use echolot_core::{Feedback, FeedbackId, Fingerprint};

use super::derived_id;

/// Numbers the items of one input that nothing tells from another answer in
/// the same words: the id is made of the content, and there is no time,
/// respondent or address. Fifty rows that say "gut" and no more are fifty
/// answers, numbered in their order, so that the same input still adds nothing
/// the second time.
#[derive(Debug, Default)]
pub(crate) struct Namesakes {
    seen: HashMap<Fingerprint, u64>,
}

impl Namesakes {
    /// Gives the second and every further one of its kind an id of its own.
    pub(crate) fn tell_apart(&mut self, item: &mut Feedback, content: Fingerprint) {
        let is_told_apart =
            item.created_at.is_some() || item.respondent.is_some() || item.url.is_some();
        if is_told_apart || item.id != derived_id(content) {
            return;
        }
        let repeats = self.seen.entry(content).or_default();
        *repeats += 1;
        if *repeats > 1 {
            item.id = FeedbackId::new(format!("{}-{repeats}", item.id));
        }
    }
}
