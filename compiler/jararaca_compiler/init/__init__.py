"""`jararaca init`: a project that runs in a minute."""
