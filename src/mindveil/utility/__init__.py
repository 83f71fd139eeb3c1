"""The clinical questions the data was collected to answer."""
