"""The embedded sample cohort: people who do not exist, with known truth."""
