"""Docent's application: chat, typed answers, history, evaluation and the skins over them."""
