"""The HTTP API under `/api/v1`: every use case of the handbook, with one way to refuse, repeat, page and wait."""
