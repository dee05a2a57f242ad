"""Use cases: who may do a thing, and how it becomes part of the record."""
