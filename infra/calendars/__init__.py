"""Calendars that others subscribe to: secret addresses, what stands in them, and how it is written."""
