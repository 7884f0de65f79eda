"""patron.yaml and the rule files -> a plain dbt project in .patron/dbt."""
