"""Answers that are being written: how they look, and the stream that brings them to the browser."""
