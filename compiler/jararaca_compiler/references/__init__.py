"""References: what each `$ref` leads to, and traits merged into what applies them."""
