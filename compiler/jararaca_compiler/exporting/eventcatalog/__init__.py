"""The contract as a catalogue that EventCatalog (eventcatalog.dev) builds its pages from."""
