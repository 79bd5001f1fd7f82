"""Patterns as data, how many of them are searched in many texts, and the check digits and spellings they ask for."""
