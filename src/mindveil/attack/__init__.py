"""The adversaries, one module an attack."""
