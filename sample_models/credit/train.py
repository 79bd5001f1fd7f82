"""Trains the credit model: scaled numbers and one-hot categories into a regularised logistic regression."""

from sklearn.compose import ColumnTransformer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

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
    """Train on features x (a frame) and labels y ("good" or "bad"); sex and age group are never looked at."""
    columns = ColumnTransformer(
        [
            ("numbers", StandardScaler(), NUMBERS),
            ("categories", OneHotEncoder(handle_unknown="ignore"), CATEGORIES),
        ]
    )
    model = LogisticRegression(C=0.2, max_iter=2000, random_state=seed)
    return Pipeline([("columns", columns), ("model", model)]).fit(x, y)
