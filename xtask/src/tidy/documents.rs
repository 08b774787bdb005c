//! Paths that documents name must exist.

use regex::Regex;

use super::files::tracked;
use crate::root;

/// The endings and places that make a word in backquotes a path of this
/// repository.
const PATHS: &str = r"`((?:crates|models|corpora|benches|tests|docs|fuzz|xtask|\.ci)/[A-Za-z0-9_./-]*|[A-Za-z0-9_.-]+\.(?:md|toml))`";

pub(super) fn check() -> anyhow::Result<Vec<String>> {
    let pattern = Regex::new(PATHS)?;
    let mut breaches = Vec::new();
    for document in tracked(&["*.md"])? {
        let text = fs_err::read_to_string(root().join(&document))?;
        let folder = root().join(&document);
        let folder = folder.parent().unwrap_or(root());
        for (number, line) in text.lines().enumerate() {
            for found in pattern.captures_iter(line) {
                let path = &found[1];
                if !root().join(path).exists() && !folder.join(path).exists() {
                    breaches.push(format!("{document}:{}: `{path}` does not exist", number + 1));
                }
            }
        }
    }
    Ok(breaches)
}
