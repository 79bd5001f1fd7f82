"""One column: which of its cells are read, what was found in them, and which findings stand."""
