"""Typed answers in the chat, and the page of schemas with its builder."""
