"""Two contracts -> what a change of them breaks, and for whom; `comparing` begins it."""
