"""Authentication: who may open the dashboard, and what they may see."""
