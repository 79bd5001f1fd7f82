"""Parts of the check `reidentification`: which columns are compared, their cells as numbers, and what is planted."""
