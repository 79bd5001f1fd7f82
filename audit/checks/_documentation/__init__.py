"""What belongs to the check `documentation` alone."""
