"""Trains the digit model: a small neural network on jittered pixels, so that grey noise does not change its mind."""

import numpy as np
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

JITTER, COPIES = 0.15, 4


def flat(x):
    """Images, shape (n, 1, 8, 8), to rows, shape (n, 64)."""
    return np.asarray(x, dtype=np.float32).reshape(len(x), -1)


class JitteredNetwork(MLPClassifier):
    """A network that sees each row several times, each time with other noise."""

    def fit(self, x, y):
        """Train on rows x, shape (n, 64), and labels y, shape (n,)."""
        noise = np.random.default_rng(self.random_state).uniform(-JITTER, JITTER, (COPIES, *x.shape))
        rows = np.clip(x + noise, 0, 1).reshape(-1, x.shape[1]).astype(np.float32)
        return super().fit(rows, np.tile(y, COPIES))


def fit(x, y, seed):
    """Train on images x, shape (n, 1, 8, 8), 0 to 1, and labels y, 0 to 9."""
    network = JitteredNetwork((48,), alpha=0.01, max_iter=60, random_state=seed, early_stopping=False)
    return Pipeline([("flat", FunctionTransformer(flat)), ("network", network)]).fit(x, y)
