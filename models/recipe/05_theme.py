"""Chooses the centring and projection of theme vectors by clustering the measuring sets with the true k.

Means and covariances come from train texts only (clean documents and units). Writes theme.npz (work folder)
and docs/quality/theme_vector.csv, where "+set_mean" rows also subtract the mean of the clustered vectors
themselves, as the program may do for a corpus. Run before 06_heads.py, which packs theme.npz into the heads the training starts from.
"""
import csv

import numpy as np
from scipy.cluster.hierarchy import fcluster, linkage
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score, normalized_mutual_info_score

import rows
from layout import QUALITY, arguments
from supervision import unit_length

CHOSEN = "top_256_shrink_3.0"


def transforms(train, mean):
    """name -> (mean, projection or None), estimated on normalised train means."""
    spread = np.cov((train - mean).T)
    values, axes = np.linalg.eigh(spread)
    values, axes = values[::-1], axes[:, ::-1].T
    found = {"raw": (np.zeros_like(mean), None), "centred": (mean, None)}
    for count in (5, 10):
        found[f"drop_{count}"] = (mean, np.eye(len(mean)) - axes[:count].T @ axes[:count])
    for floor in (1.0, 3.0):
        found[f"shrink_{floor}"] = (mean, (axes.T / np.sqrt(values + floor * values.mean())) @ axes)
    for dims, floor in ((128, 1.0), (192, 1.0), (256, 1.0), (256, 3.0)):
        scale = 1 / np.sqrt(values[:dims] + floor * values.mean())
        found[f"top_{dims}_shrink_{floor}"] = (mean, axes[:dims] * scale[:, None])
    return found


def vectors(means, mean, projection):
    x = unit_length(means) - mean
    return unit_length(x if projection is None else x @ projection.T)


def measure(x, gold, seed):
    k = len(set(gold))
    flat = [KMeans(k, n_init=2, random_state=seed + i).fit_predict(x) for i in range(2)]
    tree = fcluster(linkage(x.astype(np.float32), "average", metric="cosine"), k, "maxclust")
    return {"kmeans_ari": np.mean([adjusted_rand_score(gold, f) for f in flat]),
            "kmeans_nmi": np.mean([normalized_mutual_info_score(gold, f) for f in flat]),
            "average_ari": adjusted_rand_score(gold, tree), "average_nmi": normalized_mutual_info_score(gold, tree)}


def main():
    parser = arguments(__doc__)
    parser.add_argument("--choose", default=CHOSEN)
    parser.add_argument("--fit-only", action="store_true")
    args = parser.parse_args()
    folder = args.work / "features"
    clean = np.load(folder / "clean.npz")
    train = unit_length(np.concatenate([clean["doc"], clean["unit"]])).astype(np.float64)
    options = transforms(train, train.mean(0))
    mean, projection = options[args.choose]
    if projection is not None:
        np.savez(args.work / "theme.npz", **{"theme.mean": mean.astype(np.float32), "theme.projection": projection.astype(np.float32)})
    else:
        np.savez(args.work / "theme.npz", **{"theme.mean": mean.astype(np.float32)})
    if args.fit_only:
        return
    table = []
    for name, items in rows.clustering(args.data).items():
        means, gold = np.load(folder / f"{name}.npz")["doc"], [r["label"] for r in items]
        for option, (mean, projection) in options.items():
            x = vectors(means, mean, projection)
            for label, y in ((option, x), (option + "+set_mean", unit_length(x - x.mean(0)))):
                figures = measure(y, gold, args.seed % 1000)
                table.append({"set": name, "vector": label, **{m: round(float(v), 4) for m, v in figures.items()}})
                print(table[-1], flush=True)
    metrics = list(table[0])[2:]
    for option in dict.fromkeys(r["vector"] for r in table):
        mine = [r for r in table if r["vector"] == option]
        table.append({"set": "mean", "vector": option, **{m: round(float(np.mean([r[m] for r in mine])), 4) for m in metrics}})
        print(table[-1], flush=True)
    with open(QUALITY / "theme_vector.csv", "w", newline="") as out:
        writer = csv.DictWriter(out, list(table[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table)


if __name__ == "__main__":
    main()
