"""The vocabulary; knows no algorithm."""
