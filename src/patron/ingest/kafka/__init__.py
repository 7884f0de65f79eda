"""Topics of Apache Kafka as sources: each message lands once, with its topic, partition and offset."""
