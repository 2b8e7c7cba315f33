"""`jararaca observe`: listens to a broker, and holds what it hears against the contract."""
