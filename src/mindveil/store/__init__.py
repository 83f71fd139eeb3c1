"""Files that are whole or absent, and caches that do not lie."""
