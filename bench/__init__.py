"""Benchmarks that print ratios: what Assay needs for a thing over what the bare minimum of that thing needs, here and now."""
