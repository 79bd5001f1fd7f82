"""Parts of the check `backdoor`: looking at images, looking at tables, and how far a finding is out of the ordinary."""
