"""The rules, a module a family; each module ends with the list of its own."""
