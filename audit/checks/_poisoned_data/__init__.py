"""What `poisoned_data` is made of: the rows as the searches see them, and one file per kind of poison in `kinds`."""
