"""The processes that watch clocks and drive each case from stage to stage; they own no fact."""
