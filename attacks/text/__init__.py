"""Changes of text: which characters and words can be exchanged, how far two texts lie apart, where to change first."""
