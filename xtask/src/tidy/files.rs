//! Length and first line of source files, and words that do not belong.

use std::process::Command;

use anyhow::Context;

use crate::root;

/// The longest source file, tests apart.
const MAX_LINES: usize = 600;

/// Files that may be longer, each with the reason.
const LONG_FILES: [(&str, &str); 0] = [];

pub(super) fn check() -> anyhow::Result<Vec<String>> {
    let mut breaches = Vec::new();
    for path in tracked(&["*.rs"])? {
        let text = fs_err::read_to_string(root().join(&path))?;
        breaches.extend(breaches_of(&path, &text));
    }
    Ok(breaches)
}

/// The files git knows below the root, also those not yet added, by pattern.
pub(super) fn tracked(patterns: &[&str]) -> anyhow::Result<Vec<String>> {
    let listed = Command::new("git")
        .args(["ls-files", "--cached", "--others", "--exclude-standard", "--deduplicate", "--"])
        .args(patterns)
        .current_dir(root())
        .output()
        .context("git is needed to list the files")?;
    let names = String::from_utf8(listed.stdout)?;
    Ok(names.lines().filter(|name| root().join(name).is_file()).map(str::to_owned).collect())
}

fn breaches_of(path: &str, text: &str) -> Vec<String> {
    let mut breaches = Vec::new();
    if !text.starts_with("//! ") {
        breaches.push(format!("{path}:1: the first line must be a `//!` sentence"));
    }
    let code = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or(text);
    let lines = code.lines().count();
    let is_excused =
        LONG_FILES.iter().any(|(file, _)| *file == path) || path.ends_with("/tests.rs");
    if lines > MAX_LINES && !is_excused {
        breaches.push(format!("{path}: {lines} lines without tests, at most {MAX_LINES}"));
    }
    for (number, line) in text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            breaches.push(format!("{path}:{}: white space at the end of the line", number + 1));
        }
    }
    breaches
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaches_are_found() {
        assert_eq!(breaches_of("a.rs", "//! Good.\n"), Vec::<String>::new());
        assert_eq!(breaches_of("a.rs", "fn main() {} \n").len(), 2);
        let long = format!("//! Long.\n{}", "//\n".repeat(MAX_LINES));
        assert_eq!(breaches_of("a.rs", &long).len(), 1);
        let tested =
            format!("//! Tested.\n#[cfg(test)]\nmod tests {{\n{}}}", "//\n".repeat(MAX_LINES));
        assert_eq!(breaches_of("a.rs", &tested).len(), 0);
    }
}
