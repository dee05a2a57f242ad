"""Badges and certificates: what an award says of itself, signed so that anybody can check it without asking who signed."""
