"""Tests of the tests: `make mutants` changes one expression at a time and runs what covers it.

Neither mutmut (which has no samples) nor cosmic-ray (which runs all tests for each change) does
what is needed here: a sample by a seed, which goes on where it was stopped, and of the tests only
those that come through the changed line, in a process that has collected them already.
"""
