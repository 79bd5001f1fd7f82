"""What a text is made into before it is searched, and which findings in it count."""
