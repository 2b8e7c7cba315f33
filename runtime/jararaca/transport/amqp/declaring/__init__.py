"""Declaring what a service needs, beside what was declared before."""
