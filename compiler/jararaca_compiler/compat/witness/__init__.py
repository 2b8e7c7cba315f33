"""Two schemas in one store -> proven, refuted with a value, or unknown; `verdict` begins it."""
