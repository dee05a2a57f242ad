"""The check of everything: the record against its checkpoints, and what stands beside it against the record."""
