"""Makers of valid personal values: a file makes the values of some kinds. `audit.pii.planted` says what is in one."""
