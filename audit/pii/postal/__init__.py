"""Postal addresses on one line or several: how a street is written, and what may follow it up to the country.

`streets` finds the lines that begin an address, `rest` reads on from one to the end of the address, `words` holds the
words of eight languages that both know.
"""
