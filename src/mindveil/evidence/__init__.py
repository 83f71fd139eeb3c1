"""Numbers with their doubt, the frontier they draw, and the verdict they allow."""
