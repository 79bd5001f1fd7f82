"""Simulated attacks on machine-learning models, usable without the auditor.

An attack is one file. It gets a `Target` (what may be asked of the model, how often, and what a real attacker can
change) and rows with their true labels, and returns an `Outcome`: the changed rows, which of them fool the model, what
it cost. Every outcome is checked again on the real model by one function, `attacks.outcome.confirm`, so no attack can
claim a success that is outside its budget. Nothing here judges, prints or reads files.
"""
