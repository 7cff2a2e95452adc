"""The page of prompts: the library, people's own, their editor, preview and versions."""
