"""Names, places, organisations and groups told by word lists of installed packages, and by the words around.

`sources` reads the packages' lists, `own_lists` this project's; `lexicon` says what each word may be. `words` cuts a
text into capitalised words, `around` looks at what stands beside them. `people`, `places`, `organisations` and `groups`
each weigh the evidence for their kind, `whole` that of texts which are one name, such as cells; `reading` lets the
kinds compete for the same words. `columns` looks a whole column of a table up.
"""
