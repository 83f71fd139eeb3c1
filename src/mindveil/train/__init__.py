"""Detectors: what a corpus teaches a machine to tell of people, with and without a guarantee."""
