"""The registry of contracts: what is published, what runs where, and what may be deployed."""
