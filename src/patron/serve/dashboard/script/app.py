"""The script that Streamlit runs, in a folder of its own: Streamlit claims any folder named `pages` next to it."""

from patron.serve.dashboard.app import main

main()
