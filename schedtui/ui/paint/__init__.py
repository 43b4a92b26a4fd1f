"""Pure functions from numbers to strips of styled text."""
