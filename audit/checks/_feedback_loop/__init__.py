"""The parts of the check `feedback_loop`."""
