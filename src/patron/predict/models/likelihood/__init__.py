"""Maximum likelihood estimation, shared by all models: optimisation, parallel evaluation, results and storage."""
