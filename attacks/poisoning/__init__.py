"""Simulations of damaged training data, one file each: what an attacker who can write into the data could do."""
