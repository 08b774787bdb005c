"""Texts -> token states, in fixed shapes of 512 tokens a call, so a row depends on itself alone.

The program does the same: tokenise prefix + text without specials, cut into windows of 510 tokens,
wrap each in <s> and </s>, put a window into the smallest bucket that holds it.
"""
import numpy as np
import onnxruntime
from tokenizers import Tokenizer

from layout import BUCKETS, CALL_TOKENS, MAX_TOKENS, MODELS, PREFIX

BOS, PAD, EOS = 0, 1, 2


def session(path_or_bytes, threads=1):
    """The graph as it was built: a higher level would fuse what graph.py keeps apart for speed."""
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
    return onnxruntime.InferenceSession(path_or_bytes, options, providers=["CPUExecutionProvider"])


def windows(encoding):
    """Token ids of each window, with <s> and </s>, and the end offset of each token in the text (-1: none)."""
    ids, ends = encoding.ids, [end - len(PREFIX) for _, end in encoding.offsets]
    step = MAX_TOKENS - 2
    for at in range(0, max(1, len(ids)), step):
        yield [BOS, *ids[at:at + step], EOS], [-1, *ends[at:at + step], -1]


def calm(text):
    """A text that shouts, in lower case, as the program shows it to the encoder."""
    small, capital = sum(c.islower() for c in text), sum(c.isupper() for c in text)
    if capital < 4 or capital < 3 * small:
        return text
    return "".join(c.lower() if len(c.lower().encode()) == len(c.encode()) else c for c in text)


class Encoder:
    def __init__(self, model=MODELS / "encoder.onnx", tokenizer=MODELS / "tokenizer.json", threads=1):
        self.run = session(model if isinstance(model, bytes) else str(model), threads)
        self.tokenizer = Tokenizer.from_file(str(tokenizer))

    def states(self, texts):
        """Yields (text index, ends [n], states [n, 384]) for every window, shortest windows first."""
        encodings = self.tokenizer.encode_batch([PREFIX + calm(t) for t in texts], add_special_tokens=False)
        queue = [(len(ids), index, ids, ends) for index, e in enumerate(encodings) for ids, ends in windows(e)]
        queue.sort(key=lambda item: (item[0], item[1]))
        at = 0
        while at < len(queue):
            bucket = next(b for b in BUCKETS if b >= queue[at][0])
            chunk = [item for item in queue[at:at + CALL_TOKENS // bucket] if item[0] <= bucket]
            for item, row in zip(chunk, self.call([item[2] for item in chunk], bucket)):
                yield item[1], np.array(item[3]), row[:item[0]]
            at += len(chunk)

    def call(self, rows, bucket):
        shape = CALL_TOKENS // bucket, bucket
        ids, mask = np.full(shape, PAD, np.int64), np.zeros(shape, np.int64)
        for i in range(shape[0]):
            row = rows[i] if i < len(rows) else [BOS, EOS]
            ids[i, :len(row)], mask[i, :len(row)] = row, 1
        return self.run.run(None, {"input_ids": ids, "attention_mask": mask})[0]

    def means(self, texts, spans=None):
        """Mean of all tokens of each text [n, 384]; with spans also the mean of each span's tokens.

        A token belongs to the span that holds its last character. A span without tokens gets the text's mean.
        """
        sums = np.zeros((len(texts), 384), np.float64)
        counts = np.zeros(len(texts))
        pieces = [[[np.zeros(384), 0] for _ in s] for s in spans] if spans else []
        for index, ends, states in self.states(texts):
            sums[index] += states.sum(0, dtype=np.float64)
            counts[index] += len(states)
            for k, (start, end) in enumerate(spans[index] if spans else []):
                inside = (ends > start) & (ends <= end)
                pieces[index][k][0] += states[inside].sum(0, dtype=np.float64)
                pieces[index][k][1] += int(inside.sum())
        docs = (sums / counts[:, None]).astype(np.float32)
        if not spans:
            return docs
        return docs, [np.array([s / n if n else docs[i] for s, n in units], np.float32).reshape(-1, 384)
                      for i, units in enumerate(pieces)]
