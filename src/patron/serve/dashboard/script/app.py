"""What Streamlit is told to run. It stands apart: Streamlit would take a folder called pages beside it for its own."""

from patron.serve.dashboard.app import main

main()
