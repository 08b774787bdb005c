"""The decision rule: logits of a text and of its units -> polarity, score, intents, opinions.

`decide` is the reference for the program; thresholds and weights come from the manifest's [decision].
"""
import numpy as np

from layout import INTENTS, POLARITIES, TOPICS
from linear import sigmoid, softmax

GENERAL = TOPICS.index("general")


def unit_probability(unit_logits, doc_logits, weight):
    """p(unit, topic) from the unit's and the text's evidence."""
    return sigmoid(weight * unit_logits + (1 - weight) * doc_logits)


def blended(unit_polarity, doc_polarity, weight):
    """Geometric mean of the unit's and the text's polarity, renormalised."""
    z = weight * np.log(unit_polarity + 1e-9) + (1 - weight) * np.log(doc_polarity + 1e-9)
    return softmax(z)


def decide(doc, units, spans, decision):
    """One text. doc: dict of logits (polarity, score, intents, topics); units: dict of [k, ...] logits."""
    polarity = softmax(doc["polarity"])
    chance = unit_probability(units["topics"], doc["topics"][None], decision["unit_weight"])
    passed = chance >= np.array(decision["topic_thresholds"])
    passed &= units["topics"] >= units["topics"].max(0, initial=-np.inf) - decision["topic_margin"]
    specific = np.delete(passed, GENERAL, axis=1).any()
    if specific:
        passed[:, GENERAL] = chance[:, GENERAL] >= decision["general_beside_threshold"]
    opinion_polarity = blended(softmax(units["polarity"]), polarity[None], decision["polarity_unit_weight"])
    opinions = []
    for k, (start, end) in enumerate(spans):
        for t in np.flatnonzero(passed[k]):
            opinions.append({"start": int(start), "end": int(end), "topic": TOPICS[t],
                             "polarity": POLARITIES[int(opinion_polarity[k].argmax())], "confidence": float(chance[k, t])})
    held = {o["polarity"] for o in opinions}
    intents = sigmoid(doc["intents"]) >= np.array(decision["intent_thresholds"])
    return {"polarity": POLARITIES[int(polarity.argmax())], "score": float(np.clip(doc["score"][0], -1, 1)),
            "intents": [INTENTS[i] for i in np.flatnonzero(intents)], "opinions": opinions,
            "mixed": {"positive", "negative"} <= held}
