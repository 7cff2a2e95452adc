"""Whether questions can be answered now: the folder, the database, the engines and the embedding model."""
