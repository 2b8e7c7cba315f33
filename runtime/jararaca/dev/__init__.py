"""`jararaca dev`: worker, broker and pages in one process, with a desk to publish from."""
