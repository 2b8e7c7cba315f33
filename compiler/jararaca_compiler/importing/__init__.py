"""`jararaca import`: from messages that stand in code to the document that they amount to."""
