"""Proofs about models whose inside is known: which rows no allowed change can break, and a point that breaks the rest.

A proof covers more than what is allowed, never less: limits that are hard to reason about, such as rules between
columns, are left out of it. What breaks a row is always asked of the real model.
"""
