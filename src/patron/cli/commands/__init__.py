"""The commands, by what they are about; `patron.cli.app` names them."""
