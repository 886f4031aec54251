"""The client: methods by what they tell of, over one backend."""
