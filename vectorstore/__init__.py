"""Vector backends, the keyword index and embedding models."""
