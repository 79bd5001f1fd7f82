"""Attacks that change an input so that the model answers wrongly, one file each.

A file declares `ACCESS`, what it asks of the model (`"labels"`, `"scores"` or `"gradients"`), and
`run(target, x, y, *, epsilon, norm="linf", seed) -> Outcome`. All rows advance together, and only rows that are still
answered correctly cost queries.
"""
