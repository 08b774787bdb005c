"""Reads the sets that `themes-bench` writes."""
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np


@dataclass
class Set:
    texts: list
    labels: list
    vectors: np.ndarray


def read(folder, name):
    """Texts, labels (None where a text belongs to no group) and unit vectors, seen from the centre of the set:
    every peer is better or as good with them as with the vectors as they are."""
    rows = [json.loads(line) for line in open(Path(folder) / f"{name}.jsonl")]
    vectors = np.fromfile(Path(folder) / f"{name}.i8", np.int8).reshape(len(rows), -1).astype(np.float32)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    vectors -= vectors.mean(0)
    vectors /= np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-9)
    return Set([row["text"] for row in rows], [row["label"] for row in rows], vectors)
