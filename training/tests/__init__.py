"""Tests of the training scripts: python -m unittest discover -s tests -t ."""
