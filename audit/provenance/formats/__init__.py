"""Kinds of provenance records: one file each, with `KIND`, `recognises(file)` and `read(file)`.

`recognises` is asked of every kind, so it looks at names and outer keys only and never raises but for JSON that is
broken; `read` gives the records of the file, or raises `Malformed`.
"""
