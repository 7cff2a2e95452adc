"""From a question to a checked answer: retrieve, condense, generate, cite."""
