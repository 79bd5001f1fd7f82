"""Searches for a trigger that a model may carry: they ask the model, and need neither its training data nor its inside.

A trigger is a mark that turns the answer for most inputs into one class. Each search returns the mark that it found
together with how many inputs it turned; whether that is more than an honest model shows is for the caller to say.
"""
