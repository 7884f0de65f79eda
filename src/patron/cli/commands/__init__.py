"""The commands, a module for each noun: they parse, call one library function, and print what it returns."""
