//! The ledger read from the start gives the themes of today.

use std::collections::BTreeMap;

use echolot_core::ThemeId;
use echolot_index::{LedgerEntry, StoredTheme};
use serde_json::Value;

/// What the ledger says of a theme.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReplayedTheme {
    /// The name the program gave it.
    pub label: String,
    /// The name a person gave it.
    pub name: Option<String>,
    /// How many units are in it.
    pub size: u64,
    /// Whether a person has pinned it.
    pub is_pinned: bool,
    /// Whether a person has hidden it.
    pub is_hidden: bool,
    /// The theme it is a part of.
    pub parent: Option<ThemeId>,
    /// The theme its number leads to.
    pub successor: Option<ThemeId>,
    /// Whether it has ended.
    pub has_ended: bool,
}

impl From<&StoredTheme> for ReplayedTheme {
    fn from(theme: &StoredTheme) -> Self {
        Self {
            label: theme.label.clone(),
            name: theme.name.clone(),
            size: theme.size,
            is_pinned: theme.is_pinned,
            is_hidden: theme.is_hidden,
            parent: theme.parent,
            successor: theme.successor,
            has_ended: theme.ended.is_some(),
        }
    }
}

/// Folds a ledger, oldest entry first, into the themes it leaves.
///
/// Whatever the event, the members `label`, `name`, `size`, `pinned`, `hidden`,
/// `parent`, `successor` and `ended` of its detail say what the theme is from
/// then on; what is not there stays as it was.
pub fn replay(ledger: &[LedgerEntry]) -> BTreeMap<ThemeId, ReplayedTheme> {
    let mut themes: BTreeMap<ThemeId, ReplayedTheme> = BTreeMap::new();
    for entry in ledger {
        let theme = themes.entry(entry.theme).or_default();
        let text = |value: &Value| value.as_str().map(str::to_owned);
        let id = |value: &Value| value.as_u64().and_then(|id| Some(ThemeId(id.try_into().ok()?)));
        for (key, value) in entry.detail.as_object().into_iter().flatten() {
            match key.as_str() {
                "label" => theme.label = text(value).unwrap_or_default(),
                "name" => theme.name = text(value),
                "size" => theme.size = value.as_u64().unwrap_or_default(),
                "pinned" => theme.is_pinned = value.as_bool().unwrap_or_default(),
                "hidden" => theme.is_hidden = value.as_bool().unwrap_or_default(),
                "parent" => theme.parent = id(value),
                "successor" => theme.successor = id(value),
                "ended" => theme.has_ended = value.as_bool().unwrap_or_default(),
                _ => {}
            }
        }
    }
    themes
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_an_entry_does_not_name_stays() {
        let entry = |theme, event: &str, detail| LedgerEntry {
            generation: 1,
            theme: ThemeId(theme),
            event: event.to_owned(),
            detail,
        };
        let themes = replay(&[
            entry(1, "born", json!({ "units": 5, "size": 5, "label": "spät" })),
            entry(2, "born", json!({ "size": 7, "label": "kaputt", "parent": 1 })),
            entry(1, "renamed", json!({ "name": "Zu spät", "edit": 1 })),
            entry(1, "merged", json!({ "size": 0, "ended": true, "successor": 2 })),
            entry(2, "split", json!({ "parent": null, "hidden": true })),
            entry(1, "renamed", json!({ "name": null, "edit": 2 })),
        ]);
        let first = ReplayedTheme {
            label: "spät".to_owned(),
            successor: Some(ThemeId(2)),
            has_ended: true,
            ..ReplayedTheme::default()
        };
        let second = ReplayedTheme {
            label: "kaputt".to_owned(),
            size: 7,
            is_hidden: true,
            ..ReplayedTheme::default()
        };
        assert_eq!(themes, BTreeMap::from([(ThemeId(1), first), (ThemeId(2), second)]));
    }
}
