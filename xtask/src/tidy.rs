//! The rules of the house, checked.

mod arrows;
mod documents;
mod files;

use anyhow::bail;

/// Checks every rule and prints each breach.
pub(crate) fn tidy() -> anyhow::Result<()> {
    let mut breaches = arrows::check()?;
    breaches.extend(files::check()?);
    breaches.extend(documents::check()?);
    for breach in &breaches {
        eprintln!("{breach}");
    }
    match breaches.len() {
        0 => Ok(()),
        count => bail!("{count} breaches of the house rules"),
    }
}
