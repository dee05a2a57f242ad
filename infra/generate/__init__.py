"""Made-up business in any amount: cases at all stages, the same for the same seed, for trying out and for measuring."""
