"""The outbox: rows that wait in the database, and the relay that sends them."""
