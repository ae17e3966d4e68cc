"""The faces: settings, one Service, and its two shells, HTTP and the command line."""
