"""What is wrong with the platform: seen by rules, told to the operator, kept as rows."""
