"""Attacks that learn about the training data from a model's answers: membership, hidden attributes, extraction.

One file an attack. Each takes the answers of a model on rows inside and outside of its training data, and returns a
score a row that is higher where the attacker believes the row was used.
"""
