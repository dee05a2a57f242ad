"""Read models: tables computed from the record, which can be dropped and computed again."""
