"""What was compiled, held against its schemas by values: in an interpreter of its own."""
