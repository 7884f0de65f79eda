"""Everything that brings rows into the lake: files, and later tables and topics."""
