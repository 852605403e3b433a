"""The files that one step writes and another reads, each as a checked model in a module of its own.

No other module reads or writes them. `README.md` in this folder describes every field; `make docs` writes it.
"""
