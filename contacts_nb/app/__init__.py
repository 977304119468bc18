"""How the package is served: the command line, the demo, Voilà's settings."""
