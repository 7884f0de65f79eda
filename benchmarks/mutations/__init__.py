"""Small faults put into the code one by one: does a test notice each?"""
