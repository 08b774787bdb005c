"""Labelled texts -> batches for training: token ids, spans as token ranges, targets.

Spans of a text are the program's opinion units, then the exact quotes of its opinions. Texts may be roughened
(case, umlauts, typing slips) in ways that keep every character in its place, so spans stay valid.
"""
import random
from dataclasses import dataclass

import numpy as np
import torch
from tokenizers import Tokenizer

import rows
from layout import INTENTS, MODELS, PREFIX, TOPICS
from supervision import overlapping

MAX_TOKENS = 256
WIDTHS = (16, 24, 32, 48, 64, 96, 128, 192, 256)
BOS, PAD, EOS = 0, 1, 2
PLAIN = str.maketrans("äöüÄÖÜ", "aouAOU")


def roughen(text, rng):
    """The text as somebody in a hurry types it; as many characters as before."""
    kind = rng.random()
    if kind < 0.35:
        changed = text.lower()
    elif kind < 0.45:
        changed = "".join(c.upper() if c != "ß" else c for c in text)
    elif kind < 0.65:
        changed = text.translate(PLAIN)
    elif kind < 0.8:
        changed = "".join(" " if c in ".,;:!?" and rng.random() < 0.7 else c for c in text)
    else:
        letters = list(text)
        for _ in range(1 + len(letters) // 60):
            at = rng.randrange(max(1, len(letters) - 1))
            if letters[at:at + 2] and all(c.isalpha() for c in letters[at:at + 2]):
                letters[at:at + 2] = letters[at:at + 2][::-1]
        changed = "".join(letters)
    return changed if len(changed) == len(text) else text


class Example:
    """One text with its spans and, for labelled ones, the targets of the text and of each span."""

    def __init__(self, item, split, elsewhere=0.2):
        self.text, self.item = item["text"], item
        self.units = [tuple(s) for s in split]
        self.spans = list(self.units)
        self.sign = None
        if "opinions" not in item:
            return
        quotes = rows.quote_spans(item)
        self.spans += [s for s in quotes if s]
        self.grade = float(item["score"])
        self.sign = int(np.sign(self.grade)) + 1
        self.intents = np.array([i in item["intents"] for i in INTENTS], np.float32)
        self.topics = np.zeros(len(TOPICS), np.float32)
        for opinion in item["opinions"]:
            self.topics[TOPICS.index(opinion["topic"])] = 1
        self.unit_topics = np.zeros((len(self.spans), len(TOPICS)), np.float32)
        self.unit_polarity = np.zeros((len(self.spans), 3), np.float32)
        for k, span in enumerate(self.spans):
            found = overlapping(item, quotes, span)
            for t, p in set(found):
                self.unit_topics[k, t] = 1
                self.unit_polarity[k, p] += 1
        self.unit_polarity /= np.maximum(1, self.unit_polarity.sum(1, keepdims=True))
        # A topic that the text holds elsewhere is a weak negative for this span.
        self.unit_trust = np.where((self.topics[None] > 0) & (self.unit_topics == 0), elsewhere, 1.0).astype(np.float32)


@dataclass
class Batch:
    ids: torch.Tensor
    mask: torch.Tensor
    owner: torch.Tensor
    start: torch.Tensor
    end: torch.Tensor
    examples: list

    def stack(self, name):
        """Targets of the texts, or (for span targets) of all spans one after the other."""
        values = [getattr(e, name) for e in self.examples]
        return torch.tensor(np.concatenate(values) if name.startswith("unit_") else np.array(values))


class Collator:
    def __init__(self):
        self.tokenizer = Tokenizer.from_file(str(MODELS / "tokenizer.json"))

    def length(self, text):
        return min(MAX_TOKENS, len(self.tokenizer.encode(PREFIX + text).ids))

    def batch(self, examples, rough=0.0, rng=random):
        texts = [roughen(e.text, rng) if rng.random() < rough else e.text for e in examples]
        encodings = self.tokenizer.encode_batch([PREFIX + t for t in texts], add_special_tokens=False)
        width = width_of(min(MAX_TOKENS, 2 + max(len(e.ids) for e in encodings)))
        ids = np.full((len(texts), width), PAD, np.int64)
        mask = np.zeros((len(texts), width), bool)
        owner, start, end = [], [], []
        for i, (example, encoding) in enumerate(zip(examples, encodings)):
            row = [BOS, *encoding.ids[:width - 2], EOS]
            ids[i, :len(row)], mask[i, :len(row)] = row, True
            # A token belongs to the span that holds its last character.
            ends = np.array([b - len(PREFIX) for _, b in encoding.offsets[:width - 2]])
            for a, b in example.spans:
                owner.append(i)
                start.append(1 + int(np.searchsorted(ends, a, "right")))
                end.append(1 + int(np.searchsorted(ends, b, "right")))
        tensor = lambda values: torch.tensor(values, dtype=torch.long)
        return Batch(torch.tensor(ids), torch.tensor(mask), tensor(owner), tensor(start), tensor(end), examples)


def bucketed(examples, lengths, tokens, rng):
    """Batches of one row length with about `tokens` tokens each, in random order.

    Few shapes recur, because the matrix library prepares every new one at length.
    """
    by_width = {}
    for i in range(len(examples)):
        by_width.setdefault(width_of(lengths[i]), []).append(i)
    batches = []
    for width, members in sorted(by_width.items()):
        rng.shuffle(members)
        rows_a_batch = max(1, tokens // width)
        batches += [members[at:at + rows_a_batch] for at in range(0, len(members), rows_a_batch)]
    rng.shuffle(batches)
    return batches


def width_of(length):
    return next(w for w in WIDTHS if w >= length)
