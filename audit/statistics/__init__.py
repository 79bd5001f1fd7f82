"""Intervals, sequential tests, two-sample effects and calibration errors: pure functions on arrays.

Nothing here knows of subjects, policies or verdicts. A function takes arrays, a confidence and a seed where it draws
random numbers, and gives the same answer for the same input.
"""
