"""Publishing: publishers, requests and their replies, and the headers that go along."""
