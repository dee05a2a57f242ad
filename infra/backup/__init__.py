"""A data folder is backed up whole while it is at work, and restored into a new one, checked against what the record was."""
