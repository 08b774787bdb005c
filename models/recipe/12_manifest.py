"""Writes models/manifest.toml: files with checksums, labels, the decision rule, the runtime of each platform.

Downloads the four onnxruntime wheels by name once (work folder).
"""
import hashlib
import json
import subprocess
import sys
import zipfile

from layout import INTENTS, MODELS, POLARITIES, TOPICS, arguments

VERSION = "1.31.1"
PYTHON = "3.11"
PLATFORMS = {
    "linux-x86_64": ("manylinux_2_28_x86_64", f"onnxruntime/capi/libonnxruntime.so.{VERSION}"),
    "linux-aarch64": ("manylinux_2_28_aarch64", f"onnxruntime/capi/libonnxruntime.so.{VERSION}"),
    "macos-arm64": ("macosx_14_0_arm64", f"onnxruntime/capi/libonnxruntime.{VERSION}.dylib"),
    "windows-x86_64": ("win_amd64", "onnxruntime/capi/onnxruntime.dll"),
}
FILES = ("encoder.onnx", "tokenizer.json", "heads.safetensors")
NAME, MODEL_VERSION = "echolot-analysis", "0.2.0"


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def runtime(folder):
    for system, (platform, library) in PLATFORMS.items():
        target = folder / system
        if not list(target.glob("*.whl")):
            subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
                            "--platform", platform, "--python-version", PYTHON, "-d", str(target),
                            f"onnxruntime=={VERSION}"], check=True)
        wheel, = target.glob("*.whl")
        with zipfile.ZipFile(wheel) as archive:
            yield system, wheel.name, sha256(wheel.read_bytes()), library, sha256(archive.read(library))


def listed(values, text=str):
    return "[" + ", ".join(text(v) for v in values) + "]"


def main():
    args = arguments(__doc__).parse_args()
    decision = json.loads((args.work / "decision.json").read_text())
    out = ["# Written by recipe/12_manifest.py; do not edit by hand.", "[model]", f'name = "{NAME}"',
           f'version = "{MODEL_VERSION}"', "dims = 384", "max_tokens = 512", 'prefix = "query: "',
           'licence = "MIT"', ""]
    for name in FILES:
        data = (MODELS / name).read_bytes()
        out += ["[[file]]", f'name = "{name}"', f'sha256 = "{sha256(data)}"', f"bytes = {len(data)}", ""]
    out += ["[labels]", f"polarity = {listed(POLARITIES, json.dumps)}", f"intents = {listed(INTENTS, json.dumps)}",
            f"topics = {listed(TOPICS, json.dumps)}", "", "[decision]"]
    for name in ("unit_weight", "polarity_unit_weight", "topic_margin", "general_beside_threshold", "topic_thresholds", "intent_thresholds"):
        value = decision[name]
        out.append(f"{name} = {listed(value) if isinstance(value, list) else value}")
    for system, wheel, wheel_sum, library, library_sum in runtime(args.work / "runtime"):
        out += ["", f"[runtime.{system}]", 'package = "onnxruntime"', f'version = "{VERSION}"', f'wheel = "{wheel}"',
                f'wheel_sha256 = "{wheel_sum}"', f'library = "{library}"', f'library_sha256 = "{library_sum}"']
    (MODELS / "manifest.toml").write_text("\n".join(out) + "\n")
    total = sum(p.stat().st_size for p in MODELS.iterdir() if p.is_file())
    print("models folder", total, "bytes")


if __name__ == "__main__":
    main()
