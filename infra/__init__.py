"""Everything that touches the world: store, servers, processes, command line."""
