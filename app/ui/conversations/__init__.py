"""The conversations beside the chat: their list, search in them, and the commands that act on them."""
