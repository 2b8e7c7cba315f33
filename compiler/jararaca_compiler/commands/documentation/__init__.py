"""Commands about the documentation: `jararaca docs`, and the site that `dev` and `observe` need."""
