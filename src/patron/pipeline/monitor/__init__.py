"""Each source's last days beside its own history: how many rows came, and what they hold."""
