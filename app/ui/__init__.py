"""The chat in the browser: Streamlit pages over the Runtime.

`launch.command(settings, port)` starts the server; `main.py` is the script that it runs.
"""
