"""Trims the XLM-R unigram tokenizer to the Latin script and writes models/tokenizer.json.

The kept pieces keep their order, so row i of the trimmed embedding is row kept[i] of the source;
kept.npy in the work folder holds that list. Prints parity with the full tokenizer.
"""
import gzip
import json
import unicodedata

import numpy as np
from tokenizers import Tokenizer

from layout import MODELS, PREFIX, arguments

SPECIAL = ("<s>", "<pad>", "</s>", "<unk>", "<mask>")


def latin(piece):
    """True when every letter is Latin and no mark, digit or syllable of another script occurs."""
    for char in piece:
        if char < "\u0080" or char == "\u2581":
            continue
        category = unicodedata.category(char)
        if category[0] == "L" and not unicodedata.name(char, "").startswith(("LATIN", "MODIFIER", "FEMININE", "MASCULINE")):
            return False
        if category in ("Nd", "Nl"):
            return False
        if category[0] == "M" and not "\u0300" <= char <= "\u036f" and char not in "\ufe0f\u20e3":
            return False
    return True


def parity(full, trimmed, kept, data):
    """Texts whose trimmed ids map back to exactly the full ids, per language."""
    counts = {}
    rows = [json.loads(line) for line in open(data / "annotated.train.jsonl")]
    rows += [json.loads(line) for path in sorted((data / "authored").glob("*.jsonl")) for line in open(path)]
    with gzip.open(data / "labelled.dev.jsonl.gz", "rt") as lines:
        rows += [json.loads(line) for line in lines]
    for row in rows:
        text = PREFIX + row["text"]
        same = [kept[i] for i in trimmed.encode(text).ids] == full.encode(text).ids
        seen = counts.setdefault(row["lang"], [0, 0])
        seen[0] += same
        seen[1] += 1
    return {lang: f"{same}/{total}" for lang, (same, total) in sorted(counts.items())}


def main():
    args = arguments(__doc__).parse_args()
    source = args.work / "source" / "tokenizer.json"
    spec = json.loads(source.read_text())
    vocab = spec["model"]["vocab"]
    kept = [i for i, (piece, _) in enumerate(vocab) if piece in SPECIAL or latin(piece)]
    spec["model"]["vocab"] = [vocab[i] for i in kept]
    for added in spec["added_tokens"]:
        added["id"] = kept.index(added["id"])
    spec["truncation"] = spec["padding"] = None
    trimmed = Tokenizer.from_str(json.dumps(spec, ensure_ascii=False))
    trimmed.save(str(MODELS / "tokenizer.json"), pretty=False)
    np.save(args.work / "kept.npy", np.array(kept, np.int64))
    print("pieces", len(kept), "mask id", trimmed.token_to_id("<mask>"))
    print(parity(Tokenizer.from_file(str(source)), trimmed, kept, args.data))


if __name__ == "__main__":
    main()
