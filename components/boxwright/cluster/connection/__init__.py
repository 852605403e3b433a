"""The address of a server, and what its health says."""
