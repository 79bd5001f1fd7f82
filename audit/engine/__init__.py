"""Where checks run: in this process (`inline`) or in worker processes that can be stopped (`local`).

An engine opens a `Task` and hands out its results one by one, sharpest last; whoever reads them stops reading once they
are decided. Results are the same on each engine: every task carries its own seed, and workers compute with one thread.
"""
