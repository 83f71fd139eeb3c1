"""The bench on which releases, attacks and tasks are put: it alone holds the truth."""
