"""The commands, by what they are about; `patron.cli` names them."""
