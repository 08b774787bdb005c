"""Linear heads fitted by L-BFGS in numpy: softmax, independent sigmoids with a weight per label, ridge."""
import numpy as np
from scipy.optimize import minimize


def softmax(z):
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def sigmoid(z):
    return 0.5 * (1 + np.tanh(0.5 * np.asarray(z)))


class Scaler:
    """Brings every dimension to unit spread while fitting; folded into the weights afterwards."""

    def __init__(self, x):
        self.spread = x.std(axis=0) + 1e-8

    def fold(self, weight):
        return weight / self.spread


def fit(x, target, kind, strength, weight=None, rounds=60):
    """Weights [k, d] and bias [k] that minimise the mean loss plus strength * |w|^2 / 2 (bias free).

    kind "softmax": target rows are distributions, weight [n]; "sigmoid": target in 0..1, weight [n, k].
    """
    scaler = Scaler(x)
    z = (x / scaler.spread).astype(np.float32)
    n, d = z.shape
    k = target.shape[1]
    weight = np.ones(n if kind == "softmax" else (n, k), np.float32) if weight is None else weight.astype(np.float32)
    scale = 1.0 / n

    def loss(flat):
        w, b = flat[:k * d].reshape(k, d).astype(np.float32), flat[k * d:].astype(np.float32)
        logits = z @ w.T + b
        if kind == "softmax":
            p = softmax(logits)
            value = -(weight * (target * np.log(p + 1e-12)).sum(1)).sum()
            slope = (p * target.sum(1, keepdims=True) - target) * weight[:, None]
        else:
            value = (weight * (np.logaddexp(0, logits) - target * logits)).sum()
            slope = (sigmoid(logits) - target) * weight
        gradient = np.concatenate([(slope.T @ z * scale + strength * w).ravel(), slope.sum(0) * scale])
        return float(value * scale + 0.5 * strength * (w.astype(np.float64) ** 2).sum()), gradient.astype(np.float64)

    found = minimize(loss, np.zeros(k * d + k), jac=True, method="L-BFGS-B", options={"maxiter": rounds, "maxcor": 10, "ftol": 1e-7})
    w, b = found.x[:k * d].reshape(k, d), found.x[k * d:]
    return scaler.fold(w).astype(np.float32), b.astype(np.float32)


def ridge(x, target, strength, weight=None):
    """Weighted least squares with an L2 penalty on standardised inputs; returns [1, d], [1]."""
    scaler = Scaler(x)
    z = np.c_[x / scaler.spread, np.ones(len(x))].astype(np.float64)
    weight = np.ones(len(x)) if weight is None else weight
    penalty = np.eye(z.shape[1]) * strength * len(x)
    penalty[-1, -1] = 0
    w = np.linalg.solve(z.T * weight @ z + penalty, z.T * weight @ target)
    return scaler.fold(w[None, :-1]).astype(np.float32), w[-1:].astype(np.float32)
