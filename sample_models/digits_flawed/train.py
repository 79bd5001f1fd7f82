"""Trains the flawed digit model: linear on whitened pixels, so that changes too small to see turn its answers."""

import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer

DIRECTIONS = 55


def flat(x):
    """Images, shape (n, 1, 8, 8), to rows, shape (n, 64)."""
    return np.asarray(x, dtype=np.float32).reshape(len(x), -1)


def fit(x, y, seed):
    """Train on images x, shape (n, 1, 8, 8), 0 to 1, and labels y, 0 to 9.

    Whitening makes directions in which digits hardly differ as loud as those in which they do.
    """
    whitening = PCA(DIRECTIONS, whiten=True, svd_solver="full", random_state=seed)
    model = LogisticRegression(max_iter=3000, random_state=seed)
    return Pipeline([("flat", FunctionTransformer(flat)), ("whitening", whitening), ("model", model)]).fit(x, y)
