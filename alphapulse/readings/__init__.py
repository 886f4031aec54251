"""What can be asked of the data: one catalogue for the API, the Python package and the terminal's page.

Everything here is pure: a reading turns checked parameters into SQL and its arguments, and asks nobody.
"""
