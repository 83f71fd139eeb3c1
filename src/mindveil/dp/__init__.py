"""Differential privacy: noise, clipping, accounting, the ledger and the card; the person is the unit."""
