"""Measurements that anyone can repeat: `make bench` writes docs/benchmarks.md."""
