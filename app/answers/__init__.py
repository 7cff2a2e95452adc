"""Typed answers: an object of a schema instead of text, with the passages that it stands on.

`app.answers.schemas` has the schemas and the shelf that they are found on; `extraction.typed_answer`
fills one, and brings LangChain.
"""
