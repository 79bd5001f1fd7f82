"""Trains the ticket router: words and pairs of words into a logistic regression."""

from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder


def fit(x, y, seed):
    """Train on tickets x (a frame with `text` and `channel`) and the teams y that handled them."""
    columns = ColumnTransformer(
        [
            ("words", TfidfVectorizer(ngram_range=(1, 2), min_df=3), "text"),
            ("channel", OneHotEncoder(handle_unknown="ignore"), ["channel"]),
        ]
    )
    model = LogisticRegression(C=20.0, max_iter=2000, random_state=seed)
    return Pipeline([("columns", columns), ("model", model)]).fit(x, y)
