"""Publishing with so many in flight, beside peers, a client in C and bare asyncio."""
