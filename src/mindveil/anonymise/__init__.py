"""Protections that turn a corpus into a corpus of the same people, better hidden."""
