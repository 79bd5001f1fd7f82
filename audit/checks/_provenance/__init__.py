"""Parts of the check `provenance`: what lies on disk, what is read, what is told, and which faults are planted."""
