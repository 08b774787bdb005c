//! Conversations that were resolved, and whether their customers came back.

use std::collections::BTreeMap;

use echolot_core::{ClosedContact, Share, Timestamp, first_contact_resolution};
use echolot_index::{Facts, RowId};

/// When each customer wrote about each product.
///
/// A contact is an item with the time to its resolution, the time it was written
/// and its customer. The customer is back with the next item about the same
/// product, whatever it says; it is an upper limit of those who are back with the
/// same matter. The time of the newest item of all decides which windows have
/// passed.
pub(super) struct Contacts<'a> {
    facts: &'a Facts,
    /// By customer and product, ascending.
    written: BTreeMap<(u32, Option<u32>), Vec<Timestamp>>,
    now: Option<Timestamp>,
    reopen_s: i64,
}

impl<'a> Contacts<'a> {
    pub(super) fn new(facts: &'a Facts, reopen_s: i64) -> Self {
        let mut contacts = Self { facts, written: BTreeMap::new(), now: None, reopen_s };
        // Without a conversation there is nothing to look up.
        if facts.resolution_s.iter().all(Option::is_none) {
            return contacts;
        }
        for row in facts.rows().filter(|row| !facts.is_spam[row.index()]) {
            let Some(at) = facts.created_at[row.index()] else { continue };
            contacts.now = contacts.now.max(Some(at));
            if let Some(customer) = contacts.customer(row) {
                contacts.written.entry(customer).or_default().push(at);
            }
        }
        contacts.written.values_mut().for_each(|times| times.sort_unstable());
        contacts
    }

    /// FCR of the contacts among rows; none when none counts.
    pub(super) fn resolved_at_once(&self, rows: &[RowId]) -> Option<Share> {
        let contacts = rows.iter().filter_map(|row| self.contact(*row));
        first_contact_resolution(contacts, self.reopen_s, self.now?)
    }

    fn contact(&self, row: RowId) -> Option<ClosedContact> {
        let at = row.index();
        let (written, took) = (self.facts.created_at[at]?, self.facts.resolution_s[at]?);
        let closed_at = Timestamp::from_seconds(written.seconds().checked_add(took)?)?;
        let times = self.written.get(&self.customer(row)?)?;
        let back = times.partition_point(|time| *time <= closed_at);
        Some(ClosedContact { closed_at, back_at: times.get(back).copied() })
    }

    fn customer(&self, row: RowId) -> Option<(u32, Option<u32>)> {
        Some((self.facts.respondent.code(row)?, self.facts.product.code(row)))
    }
}
