"""The page of tables: one schema over a collection, seen, mended and taken away."""
