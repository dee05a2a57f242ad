"""The record replayed: a case as it was at an instant, and as somebody could see it then."""
