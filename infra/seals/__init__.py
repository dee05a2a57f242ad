"""Seals: the record's tree, its signed checkpoints, where they are published, proofs, and the check of everything against them."""
