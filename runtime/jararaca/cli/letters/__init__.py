"""What the commands of `jararaca dead-letters` share: which letters, where, and how replayed."""
