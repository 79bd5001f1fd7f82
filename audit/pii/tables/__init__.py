"""One table: its columns and their names, and the evidence that says where personal data is without a value of it."""
