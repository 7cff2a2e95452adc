"""The viewer: what an answer cites, as a page of its own beside the chat; plain HTML, not Streamlit."""
