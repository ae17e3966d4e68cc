"""Documents and how to find them: reading, splitting, storing, and the two trees (vectors and graph)."""
