"""What the compiler and the runtime both read or write. It imports neither of them."""
