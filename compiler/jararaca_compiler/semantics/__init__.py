"""Whether a compiled service makes sense on a broker."""
