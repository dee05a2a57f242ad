"""Webhooks: the feed of events carried to programs that are told of it, signed, until it has arrived."""
