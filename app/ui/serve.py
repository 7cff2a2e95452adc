"""The script that `launch.command` starts: the pages with what the server adds around them."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from app.ui.first_page import BrowserRules, FirstPage

app = st.App(
    Path(__file__).with_name("main.py"),
    middleware=[Middleware(BrowserRules), Middleware(FirstPage)],
)
