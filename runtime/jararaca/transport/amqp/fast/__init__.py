"""The fast lane: deliveries, acks and publications straight from and to the socket's frames."""
