"""The data of AlphaPulse in Python: `import alphapulse as ap`."""
