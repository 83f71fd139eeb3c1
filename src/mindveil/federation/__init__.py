"""A deployed federation: what runs at a hospital, and what runs at the coordinator."""
