"""From what people have to the corpus layout, one module a source."""
