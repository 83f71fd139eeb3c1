"""One page that a data-protection officer reads in five minutes."""
