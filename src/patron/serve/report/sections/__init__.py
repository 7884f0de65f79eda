"""The sections of a report: sentences, charts and tables, as data for the template."""
