"""`jararaca link`: whether what each service sends is accepted by everyone who receives it."""
