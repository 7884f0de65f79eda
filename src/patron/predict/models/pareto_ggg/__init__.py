"""The Pareto/GGG of Platzer and Reutterer: customers differ in how regularly, how often and how long they buy."""
