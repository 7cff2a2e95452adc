"""The keyword index in PostgreSQL: postings in batches, as arrays; BM25 is summed up by the server."""
