//! Which crate may depend on which, and which may name a heavy library.

use cargo_metadata::{DependencyKind, MetadataCommand};

use crate::root;

/// Every workspace package with the workspace packages it may depend on.
const ARROWS: [(&str, &[&str]); 10] = [
    ("echolot-core", &[]),
    ("echolot-text", &["echolot-core"]),
    ("echolot-infer", &[]),
    ("echolot-index", &["echolot-core"]),
    ("echolot-themes", &["echolot-core"]),
    (
        "echolot-engine",
        &["echolot-core", "echolot-text", "echolot-infer", "echolot-index", "echolot-themes"],
    ),
    ("echolot", &["echolot-core", "echolot-engine"]),
    ("echolot-tests", &["echolot", "echolot-core", "echolot-engine"]),
    (
        "echolot-benches",
        &[
            "echolot",
            "echolot-core",
            "echolot-engine",
            "echolot-text",
            "echolot-infer",
            "echolot-index",
            "echolot-themes",
        ],
    ),
    ("xtask", &["echolot", "echolot-core", "echolot-engine", "echolot-text", "echolot-infer"]),
];

/// Libraries that one crate walls off from the others.
const WALLS: [(&str, &str); 5] = [
    ("ort", "echolot-infer"),
    ("tokenizers", "echolot-infer"),
    ("tantivy", "echolot-index"),
    ("rusqlite", "echolot-index"),
    ("axum", "echolot"),
];

pub(super) fn check() -> anyhow::Result<Vec<String>> {
    let metadata = MetadataCommand::new().current_dir(root()).no_deps().exec()?;
    let mut breaches = Vec::new();
    for package in metadata.workspace_packages() {
        let name = package.name.as_str();
        let Some((_, allowed)) = ARROWS.iter().find(|(known, _)| *known == name) else {
            breaches.push(format!("{name}: not on the list of crates in xtask/src/tidy/arrows.rs"));
            continue;
        };
        for dependency in &package.dependencies {
            let to = dependency.name.as_str();
            let is_ours = ARROWS.iter().any(|(known, _)| *known == to);
            if is_ours && !allowed.contains(&to) {
                breaches
                    .push(format!("{name} -> {to}: an arrow that ARCHITECTURE.md does not have"));
            }
            let is_test_only =
                dependency.kind == DependencyKind::Development || name == "echolot-tests";
            let wall = WALLS.iter().find(|(library, _)| *library == to);
            if let Some((library, owner)) =
                wall.filter(|(_, owner)| *owner != name && !is_test_only)
            {
                breaches.push(format!("{name}: only {owner} may name {library}"));
            }
        }
    }
    Ok(breaches)
}
