"""The rules of linking: what is wrong with a linked system."""
