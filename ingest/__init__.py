"""From files to a searchable collection: read, chunk, embed, write."""
