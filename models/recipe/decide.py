"""How the evidence of a unit and that of its text are put together; the rule itself is in the model card."""
import numpy as np

from layout import TOPICS
from linear import sigmoid, softmax

GENERAL = TOPICS.index("general")


def unit_probability(unit_logits, doc_logits, weight):
    """p(unit, topic) from the unit's and the text's evidence."""
    return sigmoid(weight * unit_logits + (1 - weight) * doc_logits)


def blended(unit_polarity, doc_polarity, weight):
    """Geometric mean of the unit's and the text's polarity, renormalised."""
    z = weight * np.log(unit_polarity + 1e-9) + (1 - weight) * np.log(doc_polarity + 1e-9)
    return softmax(z)
