"""Optional integrations, each an extra, each imported only when it is asked for."""
