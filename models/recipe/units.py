"""Cuts all texts into opinion units by the program's own splitter (`cargo xtask units`).

Writes units/<set>.jsonl (work folder): {"units": [[start, end], ...]} in characters, a line a text, for the clean sets,
the gold texts and, once 08_texts.py has chosen them, the texts for the student.
"""
import json
import subprocess

import rows
from layout import MODELS, arguments


def of(path):
    """The units of a set, a list a text."""
    return [json.loads(line)["units"] for line in open(path)]


def main():
    args = arguments(__doc__).parse_args()
    folder = args.work / "units"
    folder.mkdir(parents=True, exist_ok=True)
    sets = {"clean": [r["text"] for r in rows.clean(args.data)], "gold": [r["text"] for r in rows.gold(args.data)]}
    texts = args.work / "texts.in"
    if texts.exists():
        sets["texts"] = [json.loads(line)["text"] for line in open(texts)]
    for name, found in sets.items():
        lines = "".join(json.dumps({"text": t}, ensure_ascii=False) + "\n" for t in found)
        cut = subprocess.run(["cargo", "xtask", "units"], input=lines.encode(), stdout=subprocess.PIPE, check=True,
                             cwd=MODELS.parent).stdout
        (folder / f"{name}.jsonl").write_bytes(cut)
        print(name, len(found))


if __name__ == "__main__":
    main()
