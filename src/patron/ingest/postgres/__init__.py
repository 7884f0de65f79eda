"""What reading from a PostgreSQL server and writing to one share: the connection, the SQL of both, and the refusals."""
