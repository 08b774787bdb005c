"""Measures encoder variants: bytes on disk, milliseconds per bucket shape, distance to fp32 on 100 train texts.

Writes docs/quality/encoder_variants.csv. One intra-op thread, 512 tokens a call, best of the repeats (the cores are shared).
"""
import csv
import time

import numpy as np

import e5file
import graph
import rows
from encode import Encoder, session
from layout import BUCKETS, CALL_TOKENS, QUALITY, arguments
from supervision import unit_length

VARIANTS = {
    "fp32": (graph.Floats, {}),
    "q4_on_disk_fp32_in_memory": (graph.Unpacked, {}),
    "matmulnbits4_level4": (lambda: graph.Blocks(4, 4), {}),
    "matmulnbits4_level1": (lambda: graph.Blocks(4, 1), {}),
    "matmulnbits8_level4": (lambda: graph.Blocks(8, 4), {}),
    "rowint8_limit63": (lambda: graph.RowInt8(63), {}),
    "rowint8_limit127": (lambda: graph.RowInt8(127), {}),
    "rowint8_unsigned": (lambda: graph.RowInt8(127, signed=False), {}),
}


def milliseconds(runs, batches, rounds):
    """Best time of each variant and shape; all variants take turns, so a busy machine is unfair to none."""
    best = {(name, tokens): float("inf") for name in runs for tokens in batches}
    for _ in range(rounds):
        for tokens, batch in batches.items():
            for name, run in runs.items():
                began = time.perf_counter()
                run.run(None, batch)
                best[name, tokens] = min(best[name, tokens], 1000 * (time.perf_counter() - began))
    return best


def batch_of(tokens, vocab, rng):
    ids = rng.integers(4, vocab, (CALL_TOKENS // tokens, tokens))
    ids[:, 0], ids[:, -1] = 0, 2
    return {"input_ids": ids, "attention_mask": np.ones_like(ids)}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--only", nargs="*", default=list(VARIANTS))
    parser.add_argument("--repeats", type=int, default=12)
    args = parser.parse_args()
    source = e5file.read(args.work / "source" / "e5-small-q4.bin")
    kept = np.load(args.work / "kept.npy")
    rng = np.random.default_rng(args.seed)
    batches = {t: batch_of(t, 20000, rng) for t in BUCKETS}
    clean = rows.clean(args.data)
    texts = [clean[i]["text"] for i in rng.choice(len(clean), 100, replace=False)]
    table, runs, reference, centre = {}, {}, None, None
    for name in dict.fromkeys(["fp32", *args.only]):
        make, options = VARIANTS[name]
        model = graph.build(source, kept, make(), **options).SerializeToString()
        began = time.perf_counter()
        runs[name] = session(model)
        load_ms = 1000 * (time.perf_counter() - began)
        mean = unit_length(Encoder(model).means(texts))
        centre = mean.mean(0) if reference is None else centre
        reference = mean if reference is None else reference
        near = (unit_length(mean - centre) * unit_length(reference - centre)).sum(1)
        table[name] = {"variant": name, "bytes": len(model), "load_ms": round(load_ms),
                       "min_cosine_to_fp32": round(float((mean * reference).sum(1).min()), 6),
                       "mean_centred_cosine": round(float(near.mean()), 6), "min_centred_cosine": round(float(near.min()), 6)}
    for (name, tokens), best in milliseconds(runs, batches, args.repeats).items():
        table[name][f"ms_{CALL_TOKENS // tokens}x{tokens}"] = round(best, 1)
    table = list(table.values())
    print(*table, sep="\n")
    QUALITY.mkdir(parents=True, exist_ok=True)
    with open(QUALITY / "encoder_variants.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main()
