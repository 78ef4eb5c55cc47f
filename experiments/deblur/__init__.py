"""Blurred photographs restored: one that was blurred on purpose, and one that a camera moved for."""
