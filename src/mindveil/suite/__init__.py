"""A frozen list of threats that others can cite and run on their own defence."""
