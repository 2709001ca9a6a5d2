"""What happens: each service works a value out, or a plan first and then does it."""
