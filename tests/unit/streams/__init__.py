"""Reading streams, part by part."""
