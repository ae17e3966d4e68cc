"""Files to documents: a module a format, and what they share."""
