"""Runs the frozen encoder once over every text the heads need and keeps the means.

Per set one .npz in the work folder: `doc` [n, 384]; for labelled sets also `unit` and `quote` [k, 384]
with `unit_row`, `unit_span`, `quote_row`, `quote_index`. A set whose file is newer than frozen.onnx is skipped.
"""
import time

import numpy as np

import rows
import units
from encode import Encoder
from layout import arguments


def labelled(encoder, items, split):
    spans, kinds = [], []
    for item, cut in zip(items, split):
        quotes = [(k, s) for k, s in enumerate(rows.quote_spans(item)) if s]
        spans.append([tuple(s) for s in cut] + [s for _, s in quotes])
        kinds.append((len(cut), [k for k, _ in quotes]))
    doc, means = encoder.means([item["text"] for item in items], spans)
    out = {"doc": doc, "unit": [], "unit_row": [], "unit_span": [], "quote": [], "quote_row": [], "quote_index": []}
    for i, (count, quotes) in enumerate(kinds):
        out["unit"] += list(means[i][:count])
        out["unit_row"] += [i] * count
        out["unit_span"] += spans[i][:count]
        out["quote"] += list(means[i][count:])
        out["quote_row"] += [i] * len(quotes)
        out["quote_index"] += quotes
    return {name: np.array(values) for name, values in out.items()}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sets", nargs="*")
    args = parser.parse_args()
    folder = args.work / "features"
    folder.mkdir(parents=True, exist_ok=True)
    encoder = Encoder(args.work / "frozen.onnx", threads=args.threads)
    newest = (args.work / "frozen.onnx").stat().st_mtime
    sets = {"clean": rows.clean}
    sets.update({name: (lambda data, name=name: rows.clustering(data)[name]) for name in rows.clustering(args.data)})
    for name, load in sets.items():
        path = folder / f"{name}.npz"
        if (args.sets and name not in args.sets) or (path.exists() and path.stat().st_mtime > newest):
            continue
        items, began = load(args.data), time.time()
        if items and "opinions" in items[0]:
            np.savez(path, **labelled(encoder, items, units.of(args.work / "units" / f"{name}.jsonl")))
        else:
            np.savez(path, doc=encoder.means([item["text"] for item in items]))
        print(name, len(items), f"{time.time() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()
