"""What operators do: the command line, what happens behind it, and the outside worlds it talks to."""
