"""Scores the gold verbatims with the shipped weights in the program's output format (measuring only).

Writes gold_output.jsonl into the work folder; score it with ../shared/eval/gold_eval.py GOLD OUTPUT.
"""
import json

import numpy as np
from safetensors.numpy import load_file

import rows
from decide import decide
from layout import MODELS, arguments
from supervision import head_inputs, unit_length


def main():
    args = arguments(__doc__).parse_args()
    items = rows.gold(args.data)
    features = np.load(args.work / "features" / "gold.npz")
    heads = load_file(str(MODELS / "heads.safetensors"))
    decision = json.loads((args.work / "decision.json").read_text())
    doc = unit_length(features["doc"]) - heads["doc.mean"]
    unit = head_inputs(unit_length(features["unit"]) - heads["unit.mean"], doc, features["unit_row"])

    def head(name, x):
        return x @ heads[name + ".weight"].T + heads[name + ".bias"]

    docs = {n: head("doc." + n, doc) for n in ("polarity", "score", "intents", "topics")}
    units = {n: head("unit." + n, unit) for n in ("topics", "polarity")}
    with open(args.work / "gold_output.jsonl", "w") as out:
        for i, item in enumerate(items):
            mine = features["unit_row"] == i
            result = decide({n: z[i] for n, z in docs.items()}, {n: z[mine] for n, z in units.items()},
                            features["unit_span"][mine], decision)
            out.write(json.dumps({"id": item["id"], "lang": item["lang"], **result}, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
