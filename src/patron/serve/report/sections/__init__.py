"""The sections of a report as data for the template: sentences, charts and tables."""
