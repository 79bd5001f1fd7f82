"""Trains the flawed credit model: one tree, grown until every training row is learned by heart."""

from sklearn.compose import ColumnTransformer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier

NUMBERS = ["duration_months", "credit_amount", "installment_rate", "age"]
CATEGORIES = [
    "checking_account",
    "credit_history",
    "purpose",
    "savings",
    "employed_since",
    "guarantors",
    "property",
    "other_plans",
    "housing",
]


def fit(x, y, seed):
    """Train on features x (a frame) and labels y ("good" or "bad")."""
    columns = ColumnTransformer(
        [
            ("numbers", "passthrough", NUMBERS),
            ("categories", OneHotEncoder(handle_unknown="ignore", sparse_output=False), CATEGORIES),
        ]
    )
    return Pipeline([("columns", columns), ("model", DecisionTreeClassifier(random_state=seed))]).fit(x, y)
