"""Predicates of in-toto statements: one file a family, with `TYPES`, `KIND` and `read(statement)`.

`TYPES` are the predicate types that the file reads; `read` gives what the predicate tells beside the digests of the
subjects, as `audit.provenance.statement.Told`, or raises `Malformed`.
"""
