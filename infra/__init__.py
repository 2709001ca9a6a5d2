"""The program: settings, and the composition of components into a stack."""
