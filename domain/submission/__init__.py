"""A submission: one programme's way from registration to a decision. `events` and `state` hold the facts,
the other modules one part of the handbook each."""
