"""Other ways to find themes, on the same vectors: peers.py METHOD WORK SET ASSIGNED [SEED] [ORDER].

Prints the seconds of the clustering alone (reading is not counted, compiling neither: each method is first called
on a few rows) and writes the theme of each row in the order of the set, -1 for none. ORDER shuffles the rows first.
"""
import importlib.metadata
import json
import sys
import time
import warnings
from unittest.mock import MagicMock

import numpy as np

import sets

warnings.filterwarnings("ignore")
FEW = 300


def umap(vectors, seed):
    from umap import UMAP
    return UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed).fit_transform(vectors)


def bertopic(texts, vectors, seed, _):
    """As its documentation begins: UMAP to 5 dimensions, HDBSCAN with at least 10 a cluster."""
    from bertopic import BERTopic
    from hdbscan import HDBSCAN
    from umap import UMAP
    model = BERTopic(
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine", random_state=seed),
        hdbscan_model=HDBSCAN(min_cluster_size=10, metric="euclidean", cluster_selection_method="eom"))
    return model.fit_transform(texts, embeddings=vectors)[0]


def top2vec(_, vectors, seed, __):
    """Top2Vec's way: dense regions after UMAP give topics, and every row belongs to the nearest of them."""
    from hdbscan import HDBSCAN
    dense = HDBSCAN(min_cluster_size=15, metric="euclidean", cluster_selection_method="eom").fit_predict(umap(vectors, seed))
    topics = [vectors[dense == topic].mean(0) for topic in range(dense.max() + 1)]
    if not topics:
        return dense
    topics = np.array(topics) / np.linalg.norm(topics, axis=1, keepdims=True)
    return (vectors @ topics.T).argmax(1)


def turftopic(_, vectors, seed, __):
    """The defaults of Turftopic's ClusteringTopicModel."""
    from sklearn.cluster import HDBSCAN
    from sklearn.manifold import TSNE
    flat = TSNE(2, metric="cosine", perplexity=15, random_state=seed).fit_transform(vectors)
    return HDBSCAN(min_samples=10, min_cluster_size=25, copy=True).fit_predict(flat)


def topeax(_, vectors, seed, __):
    """Turftopic's latest clustering model, without the words of its topics."""
    from sklearn.manifold import TSNE
    Peax = imported_alone("turftopic.models.topeax").Peax
    flat = TSNE(2, metric="cosine", perplexity=50, random_state=seed).fit_transform(vectors)
    return Peax(random_state=seed).fit_predict(flat)


def imported_alone(name):
    """A module, with stand-ins for what it imports and is not installed: encoders and pictures, not used here."""
    version = importlib.metadata.version
    importlib.metadata.version = lambda package: "0" if package in absent else version(package)
    absent = set()
    while True:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as missing:
            if missing.name in absent:
                raise
            begun = [known for known in sys.modules if known.split(".")[0] == name.split(".")[0]]
            for known in begun:
                del sys.modules[known]
            absent.add(missing.name)
            sys.modules[missing.name] = MagicMock()


def kmeans(_, vectors, seed, true):
    from sklearn.cluster import KMeans
    return KMeans(true, n_init=4, random_state=seed).fit_predict(vectors)


def average(_, vectors, __, true):
    from scipy.cluster.hierarchy import fcluster, linkage
    return fcluster(linkage(vectors, "average", metric="cosine"), true, "maxclust")


def main():
    method, work, name, assigned = sys.argv[1:5]
    seed, order = (int(number) for number in (sys.argv[5:] + ["0", "0"])[:2])
    given = sets.read(work, name)
    true = len(set(given.labels) - {None})
    find = globals()[method]
    find(given.texts[:FEW], given.vectors[:FEW], seed, min(true, 10))
    rows = np.random.default_rng(order).permutation(len(given.texts)) if order else np.arange(len(given.texts))
    texts, vectors = [given.texts[row] for row in rows], np.ascontiguousarray(given.vectors[rows])
    began = time.perf_counter()
    found = np.asarray(find(texts, vectors, seed, true))
    seconds = time.perf_counter() - began
    themes = np.empty(len(rows), int)
    themes[rows] = found
    np.savetxt(assigned, themes, fmt="%d")
    print(json.dumps({"seconds": seconds, "themes": len(set(found[found >= 0]))}))


if __name__ == "__main__":
    main()
