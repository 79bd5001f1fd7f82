"""Outputs of an audit, one file each: `FILE` is the name inside a bundle, `render(bundle)` gives its text.

A report reads records and nothing else, so it cannot measure, and it cannot judge again. It is deterministic: the same
bundle gives the same bytes, which is how `audit verify` finds a report that was edited.
"""
