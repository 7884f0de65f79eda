"""What patron is made of: its dependencies with licences and hashes, and a look for secrets in its files."""
