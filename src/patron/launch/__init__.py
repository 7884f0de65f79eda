"""Starting everything that a shop needs on this machine, and stopping it: `patron up` and `patron down`."""
