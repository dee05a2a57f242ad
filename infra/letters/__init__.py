"""Letters: written from the log, kept in an outbox, and sent by SMTP or as files."""
