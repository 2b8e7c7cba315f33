"""What an operator applies, written from an application's facts: `jararaca deploy export`."""
