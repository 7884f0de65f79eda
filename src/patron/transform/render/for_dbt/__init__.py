"""What dbt's own tools read of the rendered project, and patron's run does not."""
