"""Proves that a row's bytes depend on the row alone: every bucket, every position, different neighbours.

Exits with 1 when a single byte differs. Real texts of the train sets fill the rows.
"""
import sys

import numpy as np

import rows
from encode import PAD, Encoder, windows
from layout import BUCKETS, CALL_TOKENS, PREFIX, arguments


def main():
    parser = arguments(__doc__)
    parser.add_argument("--rounds", type=int, default=6)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    encoder, other = Encoder(), Encoder()
    texts = [r["text"] for r in rows.clean(args.data)]
    texts += [" ".join(texts[i:i + 9]) for i in range(0, 600, 9)]
    found = {b: [] for b in BUCKETS}
    for encoding in encoder.tokenizer.encode_batch([PREFIX + t for t in texts], add_special_tokens=False):
        for ids, _ in windows(encoding):
            found[next(b for b in BUCKETS if b >= len(ids))].append(ids)
    failed = compared = 0
    for bucket, pool in found.items():
        height = CALL_TOKENS // bucket
        for round_number in range(args.rounds):
            chosen = [pool[i] for i in rng.choice(len(pool), height, replace=False)]
            together = encoder.call(chosen, bucket)
            order = rng.permutation(height)
            shuffled = other.call([chosen[i] for i in order], bucket)
            probe = chosen[int(rng.integers(height))]
            alone = encoder.call([probe], bucket)[0]
            full = np.full((height, bucket), PAD, np.int64)
            mask = np.zeros_like(full)
            spot = int(rng.integers(height))
            full[spot, :len(probe)], mask[spot, :len(probe)] = probe, 1
            among_empty = encoder.run.run(None, {"input_ids": full, "attention_mask": mask})[0][spot]
            wanted = together[next(i for i, c in enumerate(chosen) if c is probe)]
            same = [together[i].tobytes() == shuffled[k].tobytes() for k, i in enumerate(order)]
            same += [wanted.tobytes() == alone.tobytes(), wanted.tobytes() == among_empty.tobytes()]
            failed += same.count(False)
            compared += len(same)
            if not np.isfinite(together).all():
                failed += 1
        print(f"{height:3} x {bucket:3}: {len(pool)} texts, {compared} rows compared so far, {failed} differ")
    sys.exit(failed > 0)


if __name__ == "__main__":
    main()
