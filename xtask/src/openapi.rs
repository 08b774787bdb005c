//! Keeps docs/openapi.json equal to what the program says of itself.

use anyhow::ensure;

use crate::root;

pub(crate) fn write(check: bool) -> anyhow::Result<()> {
    let file = root().join("docs/openapi.json");
    let current = format!("{}\n", echolot::openapi_json().trim_end());
    if check {
        let committed = fs_err::read_to_string(&file)?;
        ensure!(
            committed == current,
            "docs/openapi.json is not current; run `cargo xtask openapi`"
        );
    } else {
        fs_err::write(&file, current)?;
    }
    Ok(())
}
