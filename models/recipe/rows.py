"""Reads the labelled texts into one shape: id, lang, text, score, intents, opinions."""
import gzip
import hashlib
import json

from layout import MODELS

TRAINING = MODELS.parent / "corpora" / "training"


def lines(path):
    with (gzip.open(path, "rt") if path.suffix == ".gz" else open(path)) as source:
        return [json.loads(line) for line in source]


def clean(data):
    """The clean supervision: annotated texts, and those written for the project with the name of their set."""
    rows = [dict(r, set="annotated") for r in lines(data / "annotated.train.jsonl")]
    known = {fingerprint(r["text"]) for r in rows}
    rows += [dict(r, set="annotated") for r in labels(data) if fingerprint(r["text"]) not in known]
    for path in sorted((data / "authored").glob("*.jsonl")):
        rows += [dict(r, set=path.stem) for r in lines(path)]
    for path in sorted(TRAINING.glob("*.jsonl")):
        if path.stem != "annotations":
            rows += [dict(r, set=path.stem) for r in lines(path)]
    return rows


def fingerprint(text):
    return hashlib.sha256(text.strip().encode()).hexdigest()[:16]


def labels(data):
    """corpora/training/annotations.jsonl with the texts it was made for, which are found by their checksum."""
    texts = {}
    for row in lines(data / "labelled.train.jsonl.gz"):
        texts[fingerprint(row["text"])] = row["text"].strip()
    for chat in lines(data / "chats" / "multidogo_customer_turns_en.jsonl.gz"):
        for turn in chat["turns"]:
            texts.setdefault(fingerprint(turn["text"]), turn["text"].strip())
    rows = []
    for label in lines(TRAINING / "annotations.jsonl"):
        text = texts[label["text"]]
        opinions = [{"quote": text[a:b], "topic": t, "polarity": p} for a, b, t, p in label["opinions"]]
        rows.append(dict(label, text=text, opinions=opinions))
    return rows


def gold(data):
    return lines(data / "gold" / "verbatims.jsonl")


def clustering(data):
    return {path.name.split(".")[0]: lines(path) for path in sorted((data / "clustering").glob("*.jsonl.gz"))}


def quote_spans(row):
    """Character span of each opinion's quote; an opinion whose quote is not found keeps None."""
    spans = []
    for opinion in row["opinions"]:
        start = row["text"].find(opinion["quote"])
        spans.append((start, start + len(opinion["quote"])) if start >= 0 and opinion["quote"] else None)
    return spans
