"""What a conversation remembers: its newest turns, and a summary of those that no longer fit."""
