"""What Streamlit runs. It stands apart from `pages`: Streamlit takes a folder of that name beside it for its own."""

from patron.dashboard.app import main

main()
