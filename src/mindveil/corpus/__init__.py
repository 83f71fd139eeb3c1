"""The people, what they said, and what they answered."""
