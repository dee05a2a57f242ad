"""The record on PostgreSQL: events that are only ever added, and the texts and personal data beside them."""
