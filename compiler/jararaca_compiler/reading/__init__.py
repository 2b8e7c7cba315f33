"""Reading documents: from files and the network, as YAML or JSON."""
