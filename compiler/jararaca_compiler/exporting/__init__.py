"""Plain types of a published document, for those who read its messages without Jararaca."""
