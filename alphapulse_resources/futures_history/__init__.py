"""The past of funding rates and open interest: what venues, their archives and people's files tell."""
