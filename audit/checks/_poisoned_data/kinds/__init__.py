"""One file per kind of poison, each with the same four functions, and nothing else to register.

`applies(rows)` says whether such data can hold this kind at all. `blind(rows)` says in words why it could not be told
from honest data here, or "". `search(rows, seed=..., alarm=...)` looks for it and sets its alarm level on the same
data, unless one is given. `plant(rows, share=..., seed=...)` puts it into a copy.
"""
