"""Parts of the check `pii`: which tables are read, how a sample grows, what is measured and how it is told."""
