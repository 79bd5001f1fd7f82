"""Parts of the check `poisoning`: one file for each attack, and the trainings that they share."""
