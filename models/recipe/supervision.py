"""Turns labelled rows and their cached means into inputs and targets for the heads."""

import numpy as np

import rows
from layout import DIMS, INTENTS, SHORT, TOPICS


def unit_length(x):
    return x / np.maximum(np.linalg.norm(x, axis=-1, keepdims=True), 1e-12)


class Labels:
    """Document targets: sign, grade, intents, topics, topic with polarity."""

    def __init__(self, items):
        n = len(items)
        self.grade = np.array([r["score"] for r in items], np.float32)
        self.sign = (np.sign(self.grade) + 1).astype(int)
        self.polarity = np.eye(3, dtype=np.float32)[self.sign]
        self.intents = np.array([[i in r["intents"] for i in INTENTS] for r in items], np.float32)
        self.pairs = np.zeros((n, len(TOPICS), 3), np.float32)
        for i, row in enumerate(items):
            for opinion in row["opinions"]:
                self.pairs[i, TOPICS.index(opinion["topic"]), SHORT[opinion["polarity"]]] = 1
        self.topics = self.pairs.max(axis=2)
        self.mixed = np.array([bool(r["mixed"]) for r in items])


class Units:
    """Unit targets from the overlap of a unit with the quotes; `trust` says how sure a missing topic is."""

    def __init__(self, items, features, labels, elsewhere=0.2, exact=True):
        spans = [rows.quote_spans(r) for r in items]
        means, owner, topics, trust, polarity, exactly = [], [], [], [], [], []

        def note(mean, row, pairs, is_quote):
            present = np.zeros((len(TOPICS), 3), np.float32)
            for t, p in pairs:
                present[t, p] = 1
            means.append(mean)
            owner.append(row)
            topics.append(present.max(1))
            trust.append(np.where((labels.topics[row] > 0) & (present.max(1) == 0), elsewhere, 1.0))
            polarity.append(present.sum(0) / max(1.0, present.sum()))
            exactly.append(is_quote)

        for mean, row, span in zip(features["unit"], features["unit_row"], features["unit_span"]):
            note(mean, row, overlapping(items[row], spans[row], span), False)
        if exact:
            for mean, row, index in zip(features["quote"], features["quote_row"], features["quote_index"]):
                note(mean, row, overlapping(items[row], spans[row], spans[row][index]), True)
        self.mean = np.array(means, np.float32)
        self.owner, self.exact = np.array(owner), np.array(exactly)
        self.topics, self.trust = np.array(topics, np.float32), np.array(trust, np.float32)
        self.polarity = np.array(polarity, np.float32)


def overlapping(item, spans, unit):
    """(topic, polarity) of the quotes that a unit shares at least a third of (of the quote or of itself)."""
    found = []
    for opinion, span in zip(item["opinions"], spans):
        if span is None:
            continue
        shared = min(span[1], unit[1]) - max(span[0], unit[0])
        if shared >= 0.34 * (span[1] - span[0]) or shared >= 0.5 * (unit[1] - unit[0]) > 0:
            found.append((TOPICS.index(opinion["topic"]), SHORT[opinion["polarity"]]))
    return found


def head_inputs(unit_x, doc_x, owner):
    return np.concatenate([unit_x, doc_x[owner]], axis=1)


assert DIMS == 384
