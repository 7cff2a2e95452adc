"""One question asked in several ways at once: what is varied, the dialog that asks for it, and the asking."""
